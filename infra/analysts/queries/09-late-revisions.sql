-- What changed after it was billed? Every later revision of a line: by how much it differs from the
-- revision before, and how long after the period's end it was made.
-- Parameters: project; from, to: the span that the revisions were made in, half-open.
SELECT
  customer,
  period_from,
  period_to,
  model_group,
  model,
  unit,
  revision,
  delta,
  included_delta,
  overage_delta,
  dateDiff('hour', period_to, closed_at) AS hours_after_period,
  record_id
FROM billing_records_v1
WHERE project = {project:String} AND revision > 0
  AND closed_at >= {from:DateTime64(3, 'UTC')} AND closed_at < {to:DateTime64(3, 'UTC')}
ORDER BY customer, period_from, model_group, model, unit, revision
