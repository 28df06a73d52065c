-- The version of the policy by which the refund of another was judged: a later one may judge otherwise.
ALTER TABLE refunds ADD COLUMN judged_by TEXT;
