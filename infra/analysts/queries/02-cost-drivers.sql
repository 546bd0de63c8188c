-- What drives the cost? Calls and tokens by model group and model, most output tokens first: they
-- are what models charge most for. Tallyward knows no prices; multiply by yours.
-- Parameters: project; from, to: the span, half-open, cut to whole hours (UTC).
SELECT
  model_group,
  model,
  sum(h.calls) AS calls,
  sum(h.input_tokens) AS input_tokens,
  sum(h.output_tokens) AS output_tokens,
  round(output_tokens / calls, 1) AS output_tokens_per_call
FROM usage_per_hour_v1 AS h
WHERE project = {project:String}
  AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {to:DateTime64(3, 'UTC')}
GROUP BY model_group, model
ORDER BY output_tokens DESC, model_group, model
