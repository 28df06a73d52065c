-- What others did at the provider, refunds that fail later or wait, and cancellations taken back.
ALTER TABLE refunds ADD COLUMN pending_reason TEXT;                     -- why it waits, in the provider's word
ALTER TABLE refunds ADD COLUMN state_since INTEGER NOT NULL DEFAULT 0;  -- the first time that told of its state
ALTER TABLE refunds ADD COLUMN decided INTEGER NOT NULL DEFAULT 0;      -- what of it the books say is decided
ALTER TABLE refunds ADD COLUMN judged_in TEXT;                          -- the provider's id of the subscription that others' refund was judged in
-- A decision counts until it is taken back; both may have happened several times.
UPDATE refunds
SET state_since = created_at,
    decided = CASE
        WHEN (SELECT count(*) FROM effects
              WHERE effects.connection = refunds.connection
                AND effects.object IN (refunds.id, refunds.provider_id)
                AND (effects.effect = 'refund_decided' OR effects.effect LIKE 'refund_decided/%'))
           > (SELECT count(*) FROM effects
              WHERE effects.connection = refunds.connection
                AND effects.object IN (refunds.id, refunds.provider_id)
                AND (effects.effect = 'refund_abandoned' OR effects.effect LIKE 'refund_abandoned/%'))
        THEN amount
        ELSE 0
    END;
CREATE INDEX refunds_of_others ON refunds (connection, judged_in) WHERE judged_in IS NOT NULL;
CREATE INDEX refunds_by_policy ON refunds (policy_conform, id);

ALTER TABLE subscriptions ADD COLUMN seen_renewing_at INTEGER; -- the last time it was told to go on

ALTER TABLE cancellations ADD COLUMN stop_asked_at INTEGER;     -- when the provider was asked to stop, by its own clock
ALTER TABLE cancellations ADD COLUMN undo_requested_at INTEGER; -- when it was asked to be taken back
ALTER TABLE cancellations ADD COLUMN undone_at INTEGER;
ALTER TABLE cancellations ADD COLUMN version TEXT NOT NULL DEFAULT ''; -- of the snapshot that told of it; '' for ours
-- What our cancellations have stopped already stays theirs.
UPDATE cancellations
SET stop_asked_at = (SELECT canceled_at FROM subscriptions WHERE subscriptions.id = cancellations.subscription_id)
WHERE stop_done_at IS NOT NULL;
-- One cancellation for each stop that others asked for, however often it is told.
CREATE UNIQUE INDEX cancellations_adopted_once ON cancellations (subscription_id, stop_asked_at) WHERE origin = 'provider';
