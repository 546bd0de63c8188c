-- Which calls were served by another model group than they asked for? By where from and where to.
-- Parameters: project; from, to: the span, half-open.
SELECT
  restricted_from,
  model_group AS restricted_to,
  requested_model,
  model AS served_model,
  count() AS calls,
  uniqExact(customer) AS customers
FROM decisions_v1 AS d
WHERE project = {project:String} AND outcome = 'restrict'
  AND d.decided_at >= {from:DateTime64(3, 'UTC')} AND d.decided_at < {to:DateTime64(3, 'UTC')}
GROUP BY restricted_from, restricted_to, requested_model, served_model
ORDER BY calls DESC, restricted_from, restricted_to, requested_model, served_model
