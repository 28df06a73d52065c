-- What has left for an accounting program. A row is one file of vouchers: every journal booked on its
-- days, up to a position, that no row before it took. So no journal leaves twice, and any file can be
-- written again.
CREATE TABLE exported_vouchers (
    batch         BIGINT NOT NULL PRIMARY KEY CHECK (batch >= 1),
    first_day     TEXT,            -- as asked, inclusive; NULL: from the beginning
    last_day      TEXT,            -- NULL: to the end
    last_position BIGINT NOT NULL,
    voucher_per   TEXT   NOT NULL CHECK (voucher_per IN ('day', 'payout')),
    series        TEXT   NOT NULL,
    first_number  BIGINT NOT NULL CHECK (first_number >= 1),
    vouchers      BIGINT NOT NULL CHECK (vouchers >= 1),
    exported_at   BIGINT NOT NULL,
    UNIQUE (series, first_number)
);

-- What accounts hold in other currencies, and what that stands at in the books' own, after a batch.
CREATE TABLE translated_balances (
    batch    BIGINT NOT NULL REFERENCES exported_vouchers (batch),
    account  TEXT   NOT NULL,
    currency TEXT   NOT NULL CHECK (length(currency) = 3),
    amount   BIGINT NOT NULL,      -- minor units of `currency`
    books    BIGINT NOT NULL,      -- minor units of the books' currency
    PRIMARY KEY (batch, account, currency)
);

-- The series is unbroken: a batch goes on where the last one of its series ended.
CREATE FUNCTION vouchers_are_unbroken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.first_number <> 1 + coalesce((SELECT max(first_number + vouchers - 1) FROM exported_vouchers
                                         WHERE series = NEW.series), 0)
       OR NEW.batch <> 1 + coalesce((SELECT max(batch) FROM exported_vouchers), 0) THEN
        RAISE EXCEPTION 'a batch of vouchers goes on where the last one ended; they are append-only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER exported_vouchers_unbroken BEFORE INSERT ON exported_vouchers
    FOR EACH ROW EXECUTE FUNCTION vouchers_are_unbroken();
CREATE TRIGGER exported_vouchers_no_change BEFORE UPDATE OR DELETE ON exported_vouchers
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exported_vouchers_no_truncate BEFORE TRUNCATE ON exported_vouchers
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER translated_balances_no_change BEFORE UPDATE OR DELETE ON translated_balances
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER translated_balances_no_truncate BEFORE TRUNCATE ON translated_balances
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
