//! PutMetricAlarm: an upsert that replaces everything but state and tags (`reference/cloudwatch.md` §4).

use super::{alarms, invalid, number};
use crate::sandbox::service::{Answer, Call, Fault, text};
use serde_json::{Map, Value, json};

const STATISTICS: &[&str] = &["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
const OPERATORS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
];
const BAND_OPERATORS: &[&str] =
    &["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];
const MISSING: &[&str] = &["breaching", "notBreaching", "ignore", "missing"];
/// Seconds that an alarm may look back: a week, or a day for periods under an hour.
const LONGEST: [i64; 2] = [604_800, 86_400];

/// Answers PutMetricAlarm.
///
/// # Errors
/// `ValidationError`, `InvalidParameterValue` and `InvalidParameterCombination` for what breaks a rule.
pub fn put(call: &mut Call<'_>) -> Answer {
    let name = alarms::checked_name(call, "alarms")?;
    let mut alarm = alarms::common(call, &name)?;
    match source(call)? {
        Source::Metric => metric(call, &mut alarm)?,
        Source::Queries => queries(call, &mut alarm)?,
        Source::Criteria => {
            alarm.insert("EvaluationCriteria".into(), call.input["EvaluationCriteria"].clone());
            if let Some(seconds) = call.number("EvaluationInterval") {
                alarm.insert("EvaluationInterval".into(), json!(seconds));
            }
            return alarms::store(call, "alarms", &name, alarm);
        }
    }
    evaluation(call, &mut alarm)?;
    comparison(call, &mut alarm)?;
    let missing = call.text("TreatMissingData").unwrap_or_else(|| "missing".into());
    if !MISSING.contains(&missing.as_str()) {
        return Err(invalid(format!("TreatMissingData '{missing}' must be one of {}", MISSING.join(", "))));
    }
    alarm.insert("TreatMissingData".into(), json!(missing));
    if let Some(low) = call.text("EvaluateLowSampleCountPercentile") {
        if !["evaluate", "ignore"].contains(&low.as_str()) {
            return Err(invalid("EvaluateLowSampleCountPercentile must be evaluate or ignore"));
        }
        alarm.insert("EvaluateLowSampleCountPercentile".into(), json!(low));
    }
    alarms::store(call, "alarms", &name, alarm)
}

enum Source {
    Metric,
    Queries,
    Criteria,
}

/// Says what the alarm watches: exactly one of a metric, metric queries, and PromQL criteria.
fn source(call: &Call<'_>) -> Result<Source, Fault> {
    let one_metric = ["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Unit"];
    let metric = one_metric.iter().any(|m| call.text(m).is_some()) || !call.list("Dimensions").is_empty();
    let queries = !call.list("Metrics").is_empty();
    let criteria = call.input.get("EvaluationCriteria").is_some_and(|c| !c.is_null());
    match (metric, queries, criteria) {
        (true, false, false) => Ok(Source::Metric),
        (false, true, false) => Ok(Source::Queries),
        (false, false, true) => Ok(Source::Criteria),
        (false, false, false) => Err(invalid("Alarm must specify MetricName, Metrics or EvaluationCriteria")),
        _ => Err(Fault::bad(
            "InvalidParameterCombination",
            "Only one of a single metric, Metrics and EvaluationCriteria may be specified",
        )),
    }
}

fn metric(call: &Call<'_>, alarm: &mut Map<String, Value>) -> Result<(), Fault> {
    let metric = call.text("MetricName").ok_or_else(|| invalid("MetricName must not be null"))?;
    let namespace = call.text("Namespace").ok_or_else(|| invalid("Namespace must not be null"))?;
    if metric.chars().count() > 255 || namespace.chars().count() > 255 || namespace.starts_with(':') {
        return Err(invalid("MetricName and Namespace must have at most 255 characters"));
    }
    alarm.insert("MetricName".into(), json!(metric));
    alarm.insert("Namespace".into(), json!(namespace));
    match (call.text("Statistic"), call.text("ExtendedStatistic")) {
        (Some(statistic), None) if STATISTICS.contains(&statistic.as_str()) => {
            alarm.insert("Statistic".into(), json!(statistic));
        }
        (None, Some(statistic)) if is_extended(&statistic) => {
            alarm.insert("ExtendedStatistic".into(), json!(statistic));
        }
        (None, None) => return Err(invalid("Must specify either Statistic or ExtendedStatistic")),
        (Some(_), Some(_)) => {
            return Err(Fault::bad(
                "InvalidParameterCombination",
                "Statistic and ExtendedStatistic cannot be specified together",
            ));
        }
        (Some(other), None) | (None, Some(other)) => {
            return Err(Fault::bad("InvalidParameterValue", format!("'{other}' is not a statistic")));
        }
    }
    let period = call.number("Period").ok_or_else(|| invalid("Period must not be null"))?;
    check_period(period)?;
    alarm.insert("Period".into(), json!(period));
    alarm.insert("Dimensions".into(), json!(dimensions(&call.list("Dimensions"))?));
    if let Some(unit) = call.text("Unit") {
        alarm.insert("Unit".into(), json!(unit));
    }
    Ok(())
}

fn check_period(period: i64) -> Result<(), Fault> {
    if [10, 20, 30].contains(&period) || (period > 0 && period % 60 == 0) {
        return Ok(());
    }
    Err(invalid(format!("Period {period} must be 10, 20, 30 or a multiple of 60")))
}

/// `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`, as the CloudWatch User Guide's statistics page names them.
fn is_extended(statistic: &str) -> bool {
    let lower = statistic.to_ascii_lowercase();
    if lower == "iqm" {
        return true;
    }
    let kinds = ["p", "tm", "tc", "ts", "wm", "pr"];
    kinds.iter().filter_map(|kind| lower.strip_prefix(kind)).any(|rest| {
        let percent = rest.parse::<f64>().is_ok_and(|percent| (0.0..=100.0).contains(&percent));
        percent || (rest.starts_with('(') && rest.ends_with(')') && rest.contains(':'))
    })
}

fn dimensions(list: &[Value]) -> Result<Vec<Value>, Fault> {
    if list.len() > 30 {
        return Err(invalid("Dimensions must have at most 30 members"));
    }
    let mut seen: Vec<String> = Vec::new();
    for dimension in list {
        let (Some(name), Some(_)) = (text(dimension, "Name"), text(dimension, "Value")) else {
            return Err(invalid("A dimension needs a Name and a Value"));
        };
        if name.starts_with(':') || seen.contains(&name) {
            return Err(Fault::bad(
                "InvalidParameterValue",
                format!("Invalid or repeated dimension: {name}"),
            ));
        }
        seen.push(name);
    }
    Ok(list.to_vec())
}

fn queries(call: &Call<'_>, alarm: &mut Map<String, Value>) -> Result<(), Fault> {
    let mut queries = call.list("Metrics");
    let raw = queries.iter().filter(|q| q.get("MetricStat").is_some_and(|stat| !stat.is_null())).count();
    if queries.len() > 20 || raw > 10 {
        return Err(invalid("Metrics must have at most 20 members, 10 of them with MetricStat"));
    }
    let mut returning = 0;
    for query in &mut queries {
        let id = text(query, "Id").unwrap_or_default();
        if !id.starts_with(|c: char| c.is_ascii_lowercase())
            || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            return Err(invalid(format!("'{id}' is not an id of a metric query")));
        }
        let stat = query.get("MetricStat").filter(|stat| !stat.is_null());
        match (stat, text(query, "Expression")) {
            (Some(stat), None) => {
                let period = stat.get("Period").and_then(number).unwrap_or(0.0) as i64;
                check_period(period)?;
                query["MetricStat"]["Period"] = json!(period);
            }
            (None, Some(expression)) if expression.contains("SEARCH(") => {
                return Err(invalid("SEARCH is not supported in alarms"));
            }
            (None, Some(_)) => {}
            _ => return Err(invalid(format!("Metric query {id} needs either MetricStat or Expression"))),
        }
        // ReturnData is true when it is left out.
        let returns = text(query, "ReturnData").is_none_or(|on| on == "true");
        query["ReturnData"] = json!(returns);
        returning += usize::from(returns);
    }
    if returning != 1 {
        return Err(invalid("Exactly one element of the metrics list should return data."));
    }
    alarm.insert("Metrics".into(), Value::Array(queries));
    Ok(())
}

fn evaluation(call: &Call<'_>, alarm: &mut Map<String, Value>) -> Result<(), Fault> {
    let periods =
        call.number("EvaluationPeriods").ok_or_else(|| invalid("EvaluationPeriods must not be null"))?;
    if periods < 1 {
        return Err(invalid("EvaluationPeriods must have value greater than or equal to 1"));
    }
    alarm.insert("EvaluationPeriods".into(), json!(periods));
    if let Some(datapoints) = call.number("DatapointsToAlarm") {
        if !(1..=periods).contains(&datapoints) {
            return Err(invalid("DatapointsToAlarm must be between 1 and EvaluationPeriods"));
        }
        alarm.insert("DatapointsToAlarm".into(), json!(datapoints));
    }
    let period = alarm.get("Period").and_then(Value::as_i64).unwrap_or(60);
    let longest = LONGEST[usize::from(period < 3600)];
    if periods.saturating_mul(period) > longest {
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {longest} seconds (EvaluationPeriods * Period must be <= {longest})."
        )));
    }
    Ok(())
}

fn comparison(call: &Call<'_>, alarm: &mut Map<String, Value>) -> Result<(), Fault> {
    let operator = call.text("ComparisonOperator").unwrap_or_default();
    let threshold = call.input.get("Threshold").and_then(number);
    let band = call.text("ThresholdMetricId");
    match (threshold, band) {
        (Some(threshold), None) if OPERATORS.contains(&operator.as_str()) => {
            alarm.insert("Threshold".into(), json!(threshold));
        }
        (None, Some(id)) if BAND_OPERATORS.contains(&operator.as_str()) => {
            alarm.insert("ThresholdMetricId".into(), json!(id));
        }
        (Some(_), Some(_)) => {
            return Err(Fault::bad(
                "InvalidParameterCombination",
                "Threshold and ThresholdMetricId cannot be specified together",
            ));
        }
        (None, None) => return Err(invalid("Threshold must be specified")),
        _ => return Err(invalid(format!("ComparisonOperator '{operator}' does not go with the threshold"))),
    }
    alarm.insert("ComparisonOperator".into(), json!(operator));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_statistics_are_recognised() {
        for (statistic, good) in [
            ("p99.9", true),
            ("p101", false),
            ("IQM", true),
            ("TM(10%:90%)", true),
            ("tm90", true),
            ("x9", false),
        ] {
            assert_eq!(is_extended(statistic), good, "{statistic}");
        }
    }
}
