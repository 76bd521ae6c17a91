-- The journal: vouchers, entries, postings, and the two totals kept from them.
--
-- voucher, entry and posting have no foreign keys: the statement triggers of 0007 check the
-- same facts once per statement instead of once per row (measured: twice the rate),
-- and the rows they point at can never be deleted.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- I7: the paper, numbered when it is issued. Executing it is an entry that names it.
CREATE TABLE voucher (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    voucher_kind text COLLATE "C" NOT NULL,
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    issued_on date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT voucher_pk PRIMARY KEY (tenant_id, book_id, voucher_kind, fiscal_year, number),
    CONSTRAINT voucher_number_range_check CHECK (number >= 1),
    CONSTRAINT voucher_fiscal_year_check CHECK (fiscal_year = extract(YEAR FROM issued_on))
);

-- A voucher that will not be executed; its number stays used (Accounting Law Art. 18.3).
CREATE TABLE voucher_void (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    voucher_kind text COLLATE "C" NOT NULL,
    fiscal_year smallint NOT NULL,
    number integer NOT NULL,
    event_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT voucher_void_pk PRIMARY KEY (tenant_id, book_id, voucher_kind, fiscal_year, number),
    CONSTRAINT voucher_void_event_unique UNIQUE (tenant_id, event_id)
);

-- recorded_at is the database's clock: the service may not set it, only ask for it
-- first (take_book), because the leaf carries the same instant.
CREATE TABLE entry (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    entry_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    entry_on date NOT NULL,
    line_count smallint NOT NULL,
    voucher_kind text COLLATE "C",
    fiscal_year smallint,
    voucher_number integer,
    rate_currency text COLLATE "C",
    rate numeric(20, 8),
    rate_source text COLLATE "C",
    corrects_seq bigint,
    actor_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT entry_pk PRIMARY KEY (tenant_id, book_id, seq),
    CONSTRAINT entry_id_unique UNIQUE (tenant_id, entry_id),
    CONSTRAINT entry_voucher_unique UNIQUE (tenant_id, book_id, voucher_kind, fiscal_year, voucher_number),
    CONSTRAINT entry_kind_check CHECK (kind IN ('opening', 'ordinary', 'adjustment', 'reversal')),
    CONSTRAINT entry_line_count_range_check CHECK (line_count BETWEEN 2 AND 200),
    CONSTRAINT entry_voucher_given_check
    CHECK (num_nulls(voucher_kind, fiscal_year, voucher_number) = CASE kind WHEN 'opening' THEN 3 ELSE 0 END),
    CONSTRAINT entry_corrects_given_check
    CHECK ((kind IN ('adjustment', 'reversal')) = (corrects_seq IS NOT NULL)),
    CONSTRAINT entry_corrects_voucher_check CHECK (corrects_seq IS NULL OR voucher_kind = 'DC'),
    CONSTRAINT entry_corrects_order_check CHECK (corrects_seq < seq),
    CONSTRAINT entry_rate_given_check CHECK (num_nulls(rate_currency, rate, rate_source) IN (0, 3)),
    CONSTRAINT entry_rate_range_check CHECK (rate > 0),
    CONSTRAINT entry_rate_source_format_check CHECK (rate_source ~ '^[A-Za-z0-9._-]{1,40}$')
);
CREATE INDEX entry_day_idx ON entry (tenant_id, book_id, entry_on, seq);
CREATE INDEX entry_opening_idx ON entry (tenant_id, book_id, entry_on) WHERE kind = 'opening';
CREATE INDEX entry_corrects_idx ON entry (tenant_id, book_id, corrects_seq) WHERE corrects_seq IS NOT NULL;
-- I10: nothing is reversed twice.
CREATE UNIQUE INDEX entry_reversal_unique ON entry (tenant_id, book_id, corrects_seq) WHERE kind = 'reversal';

-- value_minor is đồng, debit positive; amount_minor is the same money in the line's
-- own currency. Both stay within ±(2^53 - 1), which every JSON reader holds exactly.
CREATE TABLE posting (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    seq bigint NOT NULL,
    line smallint NOT NULL,
    entry_on date NOT NULL,
    account text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    value_minor bigint NOT NULL,
    amount_minor bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    channel text COLLATE "C",
    campaign text COLLATE "C",
    program text COLLATE "C",
    quantity integer,
    CONSTRAINT posting_pk PRIMARY KEY (tenant_id, book_id, seq, line, entry_on),
    CONSTRAINT posting_line_range_check CHECK (line BETWEEN 1 AND 200),
    CONSTRAINT posting_value_range_check
    CHECK (value_minor BETWEEN -9007199254740991 AND 9007199254740991 AND value_minor <> 0),
    CONSTRAINT posting_amount_range_check
    CHECK (
        amount_minor BETWEEN -9007199254740991 AND 9007199254740991
        AND amount_minor <> 0 AND (amount_minor > 0) = (value_minor > 0)
    ),
    CONSTRAINT posting_currency_value_check CHECK (currency <> 'VND' OR amount_minor = value_minor),
    CONSTRAINT posting_quantity_range_check CHECK (quantity <> 0 AND quantity BETWEEN -10000000 AND 10000000),
    CONSTRAINT posting_quantity_program_check CHECK (quantity IS NULL OR program IS NOT NULL),
    CONSTRAINT posting_direction_check CHECK (channel IS NULL OR program IS NULL)
) PARTITION BY RANGE (entry_on);
CREATE INDEX posting_account_idx ON posting (tenant_id, book_id, account, entry_on, seq, line)
INCLUDE (fund, value_minor);

-- What an account had moved within a fund by the end of each day on which it moved. The
-- sums are carried, so a balance is one row, and the movement between two days the
-- difference of two, however long the history; a backdated entry pays instead, by moving
-- the later days of its accounts. foreign is what lines in foreign currency add up to, in
-- minor units of it; a cash or bank account has one currency, only there it is a balance.
CREATE TABLE day_total (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    total_on date NOT NULL,
    debit_to_date_minor bigint NOT NULL,
    credit_to_date_minor bigint NOT NULL,
    foreign_to_date_minor bigint NOT NULL,
    balance_minor bigint NOT NULL GENERATED ALWAYS AS (debit_to_date_minor - credit_to_date_minor) STORED,
    CONSTRAINT day_total_pk PRIMARY KEY (tenant_id, book_id, account, fund, total_on)
) WITH (fillfactor = 70);

-- Which (account, fund) pairs a book has ever used: where a question as of a day starts.
CREATE TABLE balance_key (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    account text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    CONSTRAINT balance_key_pk PRIMARY KEY (tenant_id, book_id, account, fund)
);

-- A month's movement of a fund's balance by where it came from and what it was for:
-- what the fund statement (S81-H) and the public figures read. '' stands for "none".
CREATE TABLE month_total (
    tenant_id integer NOT NULL,
    book_id bigint NOT NULL,
    month_on date NOT NULL,
    account text COLLATE "C" NOT NULL,
    fund text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    campaign text COLLATE "C" NOT NULL,
    program text COLLATE "C" NOT NULL,
    debit_minor bigint NOT NULL,
    credit_minor bigint NOT NULL,
    quantity bigint NOT NULL,
    CONSTRAINT month_total_pk
    PRIMARY KEY (tenant_id, book_id, month_on, account, fund, channel, campaign, program)
) WITH (fillfactor = 70);

ALTER TABLE voucher_void ADD CONSTRAINT voucher_void_voucher_fk
FOREIGN KEY (tenant_id, book_id, voucher_kind, fiscal_year, number)
REFERENCES voucher (tenant_id, book_id, voucher_kind, fiscal_year, number);
RESET ROLE;
