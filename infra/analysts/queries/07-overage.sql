-- What passed the included amounts? Overage per customer, closed period and unit, as it is billed:
-- every line at its latest revision.
-- Parameters: project; from, to: the span that the periods begin in, half-open.
SELECT
  customer,
  period_from,
  period_to,
  model_group,
  unit,
  sum(l.quantity) AS quantity,
  sum(l.included) AS included,
  sum(l.overage) AS overage
FROM billing_lines_v1 AS l
WHERE project = {project:String}
  AND period_from >= {from:DateTime64(3, 'UTC')} AND period_from < {to:DateTime64(3, 'UTC')}
GROUP BY customer, period_from, period_to, model_group, unit
HAVING overage > 0
ORDER BY overage DESC, customer, period_from, model_group, unit
