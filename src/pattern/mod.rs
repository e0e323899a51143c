//! CloudWatch Logs filter patterns: parser and evaluator.
