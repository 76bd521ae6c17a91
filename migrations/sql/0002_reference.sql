-- Small tables that every tenant reads and only migrations write: no tenant
-- column, no triggers, copied to every node when the schema is distributed.

SET LOCAL ROLE soquy_owner;
SET LOCAL search_path = soquy, pg_temp;

-- A tenant is the storage home of a province's (or the nation's) books. The tree
-- of associations is never read from it. Tenant 0 holds the deployment's own tokens.
CREATE TABLE tenant (
    tenant_id integer NOT NULL,
    name text NOT NULL,
    CONSTRAINT tenant_pk PRIMARY KEY (tenant_id),
    CONSTRAINT tenant_id_range_check CHECK (tenant_id >= 0),
    CONSTRAINT tenant_name_length_check CHECK (length(name) BETWEEN 1 AND 200)
);

-- ISO 4217; minor_digits says how many decimals an amount_minor carries (đồng: none).
CREATE TABLE currency (
    currency text COLLATE "C" NOT NULL,
    minor_digits smallint NOT NULL,
    CONSTRAINT currency_pk PRIMARY KEY (currency),
    CONSTRAINT currency_code_format_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT currency_minor_digits_range_check CHECK (minor_digits BETWEEN 0 AND 4)
);

-- An accounting regime: its accounts, voucher kinds and fund kinds hang on it.
CREATE TABLE chart (
    chart text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    source text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    is_sample boolean NOT NULL,
    CONSTRAINT chart_pk PRIMARY KEY (chart),
    CONSTRAINT chart_valid_order_check CHECK (valid_to IS NULL OR valid_to >= valid_from)
);

-- role says what the rules watch: cash and bank may not fall below nothing, nor a fund's balance.
CREATE TABLE chart_account (
    chart text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    parent text COLLATE "C",
    name_vi text NOT NULL,
    name_en text NOT NULL,
    side text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    CONSTRAINT chart_account_pk PRIMARY KEY (chart, account),
    CONSTRAINT chart_account_side_check CHECK (side IN ('D', 'C')),
    CONSTRAINT chart_account_role_check CHECK (role IN ('cash', 'bank', 'fund', 'other'))
);

-- moves says which account a voucher of this kind must touch, and on which side.
CREATE TABLE voucher_kind (
    chart text COLLATE "C" NOT NULL,
    voucher_kind text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    moves text COLLATE "C" NOT NULL,
    CONSTRAINT voucher_kind_pk PRIMARY KEY (chart, voucher_kind),
    CONSTRAINT voucher_kind_moves_check
    CHECK (moves IN ('cash in', 'cash out', 'bank in', 'bank out', 'any'))
);

-- A fund's kind fixes its balance account (I6).
CREATE TABLE fund_kind (
    chart text COLLATE "C" NOT NULL,
    fund_kind text COLLATE "C" NOT NULL,
    account text COLLATE "C" NOT NULL,
    is_restricted boolean NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    CONSTRAINT fund_kind_pk PRIMARY KEY (chart, fund_kind)
);

-- Where money comes from.
CREATE TABLE channel (
    channel text COLLATE "C" NOT NULL,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    CONSTRAINT channel_pk PRIMARY KEY (channel)
);

ALTER TABLE chart_account ADD CONSTRAINT chart_account_chart_fk FOREIGN KEY (chart) REFERENCES chart (chart);
ALTER TABLE chart_account ADD CONSTRAINT chart_account_parent_fk FOREIGN KEY (chart, parent) REFERENCES chart_account (chart, account);
ALTER TABLE chart_account ADD CONSTRAINT chart_account_currency_fk FOREIGN KEY (currency) REFERENCES currency (currency);
ALTER TABLE voucher_kind ADD CONSTRAINT voucher_kind_chart_fk FOREIGN KEY (chart) REFERENCES chart (chart);
ALTER TABLE fund_kind ADD CONSTRAINT fund_kind_account_fk FOREIGN KEY (chart, account) REFERENCES chart_account (chart, account);

GRANT SELECT ON tenant, currency, chart, chart_account, voucher_kind, fund_kind, channel TO soquy_app;
RESET ROLE;
