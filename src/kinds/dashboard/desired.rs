//! The dashboard a blueprint asks for: one, global, kept with the home Region.

use super::Dashboard;
use super::body::{Grid, mark, plain, search};
use crate::blueprint::{Blueprint, Source};
use crate::kinds::metric_alarm::desired::placed;
use crate::kinds::metric_filter::desired::{metric_name, places};
use crate::kinds::{Facts, Kind};
use crate::model::{Address, Names};
use serde_json::Value;
use std::collections::BTreeSet;

const BEDROCK: &str = "AWS/Bedrock";
const GUARDRAILS: &str = "AWS/Bedrock/Guardrails";

/// Returns the dashboard by address.
pub fn desired(blueprint: &Blueprint, _: &Facts) -> Vec<(Address, Dashboard)> {
    if !blueprint.notifications.dashboard {
        return Vec::new();
    }
    let names = Names::of(blueprint);
    let mut grid = Grid::default();
    let scope = &names.scope;
    grid.text(
        2,
        &format!("# Audit scope {scope}\nAccount {} · `{}` · made by auditscope", names.account, mark(scope)),
    );
    let home = names.home_region.as_str();
    let mut regions: BTreeSet<&str> = blueprint.scope.bedrock_regions.iter().map(String::as_str).collect();
    regions.remove(home);
    for region in std::iter::once(home).chain(regions) {
        grid.text(1, &format!("## {region}"));
        alarms(&mut grid, blueprint, &names, region);
        detections(&mut grid, blueprint, &names, region);
        if blueprint.scope.bedrock_regions.contains(region) {
            models(&mut grid, region);
        }
    }
    vec![(
        names.address(Kind::Dashboard, "main", home),
        Dashboard { name: names.dashboard(), body: grid.body() },
    )]
}

fn alarms(grid: &mut Grid, blueprint: &Blueprint, names: &Names, region: &str) {
    let here = placed(blueprint).into_iter().filter(|alarm| alarm.region == region);
    let arns: BTreeSet<String> =
        here.map(|alarm| names.alarm_arn(region, &names.detection(alarm.id()))).collect();
    grid.alarms("Alarms", &arns.into_iter().collect::<Vec<_>>());
}

fn detections(grid: &mut Grid, blueprint: &Blueprint, names: &Names, region: &str) {
    let sources = [(Source::Trail, "Detections"), (Source::InvocationLog, "Detections on invocations")];
    for (source, title) in sources {
        let here = blueprint.detections.iter().filter(|detection| detection.source == source);
        let metrics: Vec<Value> =
            here.map(|detection| plain(&names.namespace(), &metric_name(detection))).collect();
        if places(blueprint, source).contains(&region) {
            grid.metrics(region, title, "Sum", &metrics);
        }
    }
}

/// Metrics of a Region's models, guardrails and invocation logs; models are found, not listed.
fn models(grid: &mut Grid, region: &str) {
    let by_model = |name: &str, statistic: &str| search(BEDROCK, "ModelId", name, statistic);
    let guardrail = |name: &str| search(GUARDRAILS, "GuardrailArn,GuardrailVersion", name, "Sum");
    grid.metrics(region, "Invocations by model", "Sum", &[by_model("Invocations", "Sum")]);
    let errors = ["InvocationClientErrors", "InvocationServerErrors"].map(|name| by_model(name, "Sum"));
    grid.metrics(region, "Errors", "Sum", &errors);
    grid.metrics(region, "Throttles", "Sum", &[by_model("InvocationThrottles", "Sum")]);
    let tokens = ["InputTokenCount", "OutputTokenCount"].map(|name| by_model(name, "Sum"));
    grid.metrics(region, "Tokens", "Sum", &tokens);
    grid.metrics(region, "Latency, 99th percentile", "p99", &[by_model("InvocationLatency", "p99")]);
    let interventions = ["InvocationsIntervened", "Invocations"].map(guardrail);
    grid.metrics(region, "Guardrail interventions", "Sum", &interventions);
    let failures = [
        "ModelInvocationLogsCloudWatchDeliveryFailure",
        "ModelInvocationLogsS3DeliveryFailure",
        "ModelInvocationLargeDataS3DeliveryFailure",
    ];
    let failures = failures.map(|name| plain(BEDROCK, name));
    grid.metrics(region, "Failed deliveries of invocation logs", "Sum", &failures);
}

#[cfg(test)]
mod tests {
    use super::super::body::is_marked;
    use super::*;
    use crate::kinds::trail::example;

    #[test]
    fn every_region_has_its_widgets() {
        let all = desired(&example::blueprint(), &Facts::default());
        insta::assert_snapshot!(example::list(&all), @"dashboard.main@111122223333/eu-central-1 genai-audit");
        let (_, dashboard) = &all[0];
        assert!(is_marked(&dashboard.body, "genai-audit"));
        let widgets = dashboard.body["widgets"].as_array().expect("widgets");
        let line = |widget: &Value| {
            let properties = &widget["properties"];
            let what = ["title", "markdown"].into_iter().find_map(|key| properties[key].as_str());
            format!(
                "{} {},{} {} {}",
                widget["type"],
                widget["x"],
                widget["y"],
                properties["region"],
                what.unwrap_or_default().replace('\n', " / ")
            )
        };
        let home: Vec<String> = widgets.iter().map(line).take(12).collect();
        insta::assert_snapshot!(home.join("\n"), @r#"
        "text" 0,0 null # Audit scope genai-audit / Account 111122223333 · `auditscope:scope=genai-audit` · made by auditscope
        "text" 0,2 null ## eu-central-1
        "alarm" 0,3 null Alarms
        "metric" 0,6 "eu-central-1" Detections
        "metric" 8,6 "eu-central-1" Detections on invocations
        "metric" 16,6 "eu-central-1" Invocations by model
        "metric" 0,12 "eu-central-1" Errors
        "metric" 8,12 "eu-central-1" Throttles
        "metric" 16,12 "eu-central-1" Tokens
        "metric" 0,18 "eu-central-1" Latency, 99th percentile
        "metric" 8,18 "eu-central-1" Guardrail interventions
        "metric" 16,18 "eu-central-1" Failed deliveries of invocation logs
        "#);
        insta::assert_snapshot!(widgets[5]["properties"], @r#"{"metrics":[[{"expression":"SEARCH('{AWS/Bedrock,ModelId} MetricName=\"Invocations\"', 'Sum', 300)"}]],"period":300,"region":"eu-central-1","stat":"Sum","title":"Invocations by model","view":"timeSeries"}"#);
    }

    #[test]
    fn every_metric_widget_names_its_region() {
        let (_, dashboard) = desired(&example::blueprint(), &Facts::default()).remove(0);
        for widget in dashboard.body["widgets"].as_array().expect("widgets") {
            assert!(widget["type"] != "metric" || widget["properties"]["region"].is_string(), "{widget}");
        }
    }
}
