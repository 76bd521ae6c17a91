-- Associations and the books they keep.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- "Today" is one function: the calendar day in Việt Nam of this transaction's start.
CREATE FUNCTION today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;

-- The tenant this transaction works in; NULL, and so no row at all, where none was set.
CREATE FUNCTION current_tenant() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT nullif(current_setting('soquy.tenant_id', true), '')::integer $$;

-- Every rule that a trigger or function enforces is refused through here, so that
-- the service can tell rules apart by name, as it does for CHECK constraints.
CREATE FUNCTION refuse(rule text, message text, detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = rule, MESSAGE = message, DETAIL = detail::text;
END
$$;

-- I2: what is written stays. Attached to every journal-like table, enabled ALWAYS
-- so that not even session_replication_role = replica gets past it.
CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'append_only',
        MESSAGE = format('%s on %s: rows are only ever added', tg_op, tg_table_name);
END
$$;

-- The parent is named by id and its own tenant, without a foreign key: the tree
-- crosses tenants (the nation stands above provinces), constraints do not.
CREATE TABLE association (
    tenant_id integer NOT NULL,
    association_id uuid NOT NULL,
    parent_tenant_id integer,
    parent_id uuid,
    kind text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    unit_code text COLLATE "C",
    founded_on date NOT NULL,
    closed_on date,
    is_sample boolean NOT NULL DEFAULT false,
    CONSTRAINT association_pk PRIMARY KEY (tenant_id, association_id),
    CONSTRAINT association_parent_pair_check CHECK ((parent_id IS NULL) = (parent_tenant_id IS NULL)),
    CONSTRAINT association_parent_self_check CHECK (parent_id <> association_id),
    CONSTRAINT association_kind_format_check CHECK (kind ~ '^[a-z][a-z0-9-]{0,39}$'),
    CONSTRAINT association_level_check
    CHECK (level IN ('nation', 'province', 'district', 'commune', 'chapter')),
    CONSTRAINT association_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200),
    CONSTRAINT association_name_nfc_check CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED),
    CONSTRAINT association_founded_range_check CHECK (founded_on BETWEEN '1900-01-01' AND '2999-12-31'),
    CONSTRAINT association_closed_order_check CHECK (closed_on >= founded_on)
);
CREATE INDEX association_parent_idx ON association (tenant_id, parent_id);

-- One book for each association; its number, not the association's uuid, keys the journal
-- (uuid keys cost a fifth more index). Amounts are booked in one currency, đồng.
CREATE TABLE book (
    tenant_id integer NOT NULL,
    book_id bigint GENERATED ALWAYS AS IDENTITY,
    association_id uuid NOT NULL,
    chart text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL DEFAULT 'VND',
    opened_on date NOT NULL,
    CONSTRAINT book_pk PRIMARY KEY (tenant_id, book_id),
    CONSTRAINT book_association_unique UNIQUE (tenant_id, association_id),
    CONSTRAINT book_currency_check CHECK (currency = 'VND')
);

-- The one row that orders a book: whoever changes the book has updated it first
-- ("takes the book"). taken_by remembers the transaction, so that the journal can
-- refuse an entry from one that has not: under READ COMMITTED every later statement
-- then sees the previous holder's work, under stricter levels the update itself fails.
-- last_seq is the last entry, posted_seq the last with all its postings: equal but within
-- the one statement that writes both.
CREATE TABLE book_head (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    posted_seq bigint NOT NULL DEFAULT 0,
    locked_through date,
    taken_by xid8,
    CONSTRAINT book_head_pk PRIMARY KEY (tenant_id, book_id),
    CONSTRAINT book_head_last_seq_range_check CHECK (last_seq >= 0)
) WITH (fillfactor = 40);

-- The book's own chart, copied from the profile at founding and added to later.
CREATE TABLE account (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    side text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL DEFAULT 'VND',
    is_parent boolean NOT NULL DEFAULT false,
    opened_on date NOT NULL,
    closed_on date,
    CONSTRAINT account_pk PRIMARY KEY (tenant_id, book_id, account),
    CONSTRAINT account_code_format_check CHECK (account ~ '^[0-9]{3,5}[A-Z0-9]{0,8}$'),
    CONSTRAINT account_parent_prefix_check CHECK (starts_with(account, parent) AND account <> parent),
    CONSTRAINT account_side_check CHECK (side IN ('D', 'C')),
    CONSTRAINT account_role_check CHECK (role IN ('cash', 'bank', 'fund', 'other')),
    CONSTRAINT account_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200),
    CONSTRAINT account_name_nfc_check CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED),
    CONSTRAINT account_closed_order_check CHECK (closed_on >= opened_on)
);

-- A fund balances by itself. Its kind fixes the account its balance is kept in (I6).
CREATE TABLE fund (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    fund text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    balance_account text COLLATE "C" NOT NULL,
    is_restricted boolean NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    purpose text,
    opened_on date NOT NULL,
    closed_on date,
    CONSTRAINT fund_pk PRIMARY KEY (tenant_id, book_id, fund),
    CONSTRAINT fund_code_format_check CHECK (fund ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT fund_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200 AND length(purpose) <= 1000),
    CONSTRAINT fund_name_nfc_check
    CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED AND purpose IS NFC NORMALIZED),
    CONSTRAINT fund_purpose_given_check CHECK (purpose IS NOT NULL OR NOT is_restricted),
    CONSTRAINT fund_closed_order_check CHECK (closed_on >= opened_on)
);

-- Drives that bring money in, and programs it is spent on. They run across the
-- books of a tenant: a provincial drive is one campaign in every commune.
CREATE TABLE campaign (
    tenant_id integer NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    CONSTRAINT campaign_pk PRIMARY KEY (tenant_id, campaign),
    CONSTRAINT campaign_code_format_check CHECK (campaign ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT campaign_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200),
    CONSTRAINT campaign_name_nfc_check CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED),
    CONSTRAINT campaign_closed_order_check CHECK (closed_on >= opened_on)
);

-- unit is what the program's quantities count: award (suất), school, piece.
CREATE TABLE program (
    tenant_id integer NOT NULL,
    program text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text,
    opened_on date NOT NULL,
    closed_on date,
    CONSTRAINT program_pk PRIMARY KEY (tenant_id, program),
    CONSTRAINT program_code_format_check CHECK (program ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
    CONSTRAINT program_unit_check CHECK (unit IN ('award', 'school', 'piece')),
    CONSTRAINT program_name_length_check
    CHECK (length(name_vi) BETWEEN 1 AND 200 AND length(name_en) BETWEEN 1 AND 200),
    CONSTRAINT program_name_nfc_check CHECK (name_vi IS NFC NORMALIZED AND name_en IS NFC NORMALIZED),
    CONSTRAINT program_closed_order_check CHECK (closed_on >= opened_on)
);

-- I4: a month locked stays locked. A lock covers every month up to the one it names, and
-- says which entry was the book's last: no later one is dated in a month it covers.
CREATE TABLE month_lock (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    locked_through date NOT NULL,
    last_seq bigint NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT month_lock_pk PRIMARY KEY (tenant_id, book_id, locked_through),
    CONSTRAINT month_lock_event_unique UNIQUE (tenant_id, event_id),
    CONSTRAINT month_lock_month_end_check
    CHECK (locked_through = (date_trunc('month', locked_through::timestamp) + interval '1 month - 1 day')::date)
);

ALTER TABLE association ADD CONSTRAINT association_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE book ADD CONSTRAINT book_association_fk
FOREIGN KEY (tenant_id, association_id) REFERENCES association (tenant_id, association_id);
ALTER TABLE book ADD CONSTRAINT book_chart_fk FOREIGN KEY (chart) REFERENCES chart (chart);
ALTER TABLE book_head ADD CONSTRAINT book_head_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE account ADD CONSTRAINT account_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
ALTER TABLE account ADD CONSTRAINT account_parent_fk
FOREIGN KEY (tenant_id, book_id, parent) REFERENCES account (tenant_id, book_id, account);
ALTER TABLE account ADD CONSTRAINT account_currency_fk FOREIGN KEY (currency) REFERENCES currency (currency);
ALTER TABLE fund ADD CONSTRAINT fund_account_fk
FOREIGN KEY (tenant_id, book_id, balance_account) REFERENCES account (tenant_id, book_id, account);
ALTER TABLE campaign ADD CONSTRAINT campaign_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE program ADD CONSTRAINT program_tenant_fk FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id);
ALTER TABLE month_lock ADD CONSTRAINT month_lock_book_fk
FOREIGN KEY (tenant_id, book_id) REFERENCES book (tenant_id, book_id);
RESET ROLE;
