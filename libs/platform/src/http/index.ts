export { dependencyProblem } from './dependency-problem';
export {
  CALLER_HEADER,
  CALLER_TTL_SECONDS,
  type Caller,
  OpenRoute,
  callerGuard,
  callerOf,
  signCaller,
  verifyCaller,
} from './caller';
export { type ForwardOptions, forward } from './forward';
export * from './forward-limits';
export { type MetricsText } from './health.controller';
export { type HttpService, type HttpServiceOptions, createHttpService } from './http-service';
export {
  PROBLEM_CONTENT_TYPE,
  Problem,
  type ProblemError,
  type ProblemFields,
  platformProblem,
  problemsFrom,
} from './problem';
export { type ProblemOfError, sendProblem } from './problem-replies';
export { Readiness, type ReadinessAnswer, type ReadinessCheck } from './readiness';
export { REQUEST_ID_HEADER, requestIdOf } from './request-id';
export * from './server-limits';
export { Statements } from './statements';
export { type StreamedRoute, streamBodies } from './stream-bodies';
export { type RequestPart, type Validated, jsonPointer, validate, validated } from './validate';
