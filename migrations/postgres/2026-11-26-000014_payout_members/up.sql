-- When the provider is asked next what an automatic payout is made of; NULL: that is known, or never told.
ALTER TABLE payouts ADD COLUMN members_due_at BIGINT;
UPDATE payouts SET members_due_at = told_at WHERE automatic AND status = 'paid';
CREATE INDEX payouts_to_itemise ON payouts (members_due_at) WHERE members_due_at IS NOT NULL;
