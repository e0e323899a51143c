//! The dashboard's body: widgets on a grid 24 columns wide (CloudWatch User Guide, Dashboard body structure and syntax).

use serde_json::{Value, json};

const COLUMNS: usize = 24;
const WIDTH: usize = 8;
const HEIGHT: usize = 6;
/// Most alarms in one alarm widget (CloudWatch User Guide, Dashboard body structure and syntax).
const ALARMS_MAX: usize = 100;

/// Returns the mark by which a dashboard is a scope's.
pub fn mark(scope_name: &str) -> String {
    format!("auditscope:scope={scope_name}")
}

/// Returns true if a text widget of the body carries the scope's mark as a word of its own.
pub fn is_marked(body: &Value, scope_name: &str) -> bool {
    let mark = mark(scope_name);
    let widgets = body["widgets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = widgets.iter().filter(|widget| widget["type"] == "text");
    texts
        .filter_map(|widget| widget["properties"]["markdown"].as_str())
        .any(|markdown| markdown.split(|c: char| c.is_whitespace() || c == '`').any(|word| word == mark))
}

/// Returns a body with whole numbers written as such: `300.0` is `300` to CloudWatch.
pub fn canonical(body: Value) -> Value {
    match body {
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, canonical(value))).collect(),
        Value::Array(items) => items.into_iter().map(canonical).collect(),
        Value::Number(number) => {
            let whole =
                number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < f64::from(i32::MAX));
            match whole {
                Some(float) if number.is_f64() => json!(float as i64),
                _ => Value::Number(number),
            }
        }
        other => other,
    }
}

/// A dashboard body that grows widget by widget, left to right and down.
#[derive(Debug, Default)]
pub struct Grid {
    widgets: Vec<Value>,
    x: usize,
    y: usize,
}

impl Grid {
    /// Adds a text over the whole width.
    pub fn text(&mut self, height: usize, markdown: &str) {
        self.next_row();
        self.place("text", COLUMNS, height, json!({ "markdown": markdown }));
        self.next_row();
    }
    /// Adds a line chart of metrics in a Region.
    pub fn metrics(&mut self, region: &str, title: &str, statistic: &str, metrics: &[Value]) {
        if metrics.is_empty() {
            return;
        }
        let properties = json!({
            "title": title,
            "region": region,
            "view": "timeSeries",
            "stat": statistic,
            "period": 300,
            "metrics": metrics,
        });
        self.place("metric", WIDTH, HEIGHT, properties);
    }
    /// Adds the state of alarms, given by ARN.
    pub fn alarms(&mut self, title: &str, arns: &[String]) {
        for some in arns.chunks(ALARMS_MAX) {
            self.next_row();
            // Each line of the widget shows a handful of alarms.
            let height = 2 + some.len().div_ceil(4);
            self.place("alarm", COLUMNS, height, json!({ "title": title, "alarms": some }));
            self.next_row();
        }
    }
    /// Returns the body.
    pub fn body(self) -> Value {
        json!({ "widgets": self.widgets })
    }
    fn place(&mut self, kind: &str, width: usize, height: usize, properties: Value) {
        if self.x + width > COLUMNS {
            self.next_row();
        }
        self.widgets.push(json!({
            "type": kind, "x": self.x, "y": self.y, "width": width, "height": height, "properties": properties,
        }));
        self.x += width;
    }
    fn next_row(&mut self) {
        if self.x > 0 {
            let bottom =
                |widget: &Value| widget["y"].as_u64().zip(widget["height"].as_u64()).map(|(y, h)| y + h);
            let lowest = self.widgets.iter().filter_map(bottom).max().unwrap_or_default();
            (self.x, self.y) = (0, usize::try_from(lowest).expect("rows are few"));
        }
    }
}

/// Returns a metric without dimensions.
pub fn plain(namespace: &str, name: &str) -> Value {
    json!([namespace, name])
}

/// Returns every metric of a name over the values of its dimensions.
pub fn search(namespace: &str, dimensions: &str, name: &str, statistic: &str) -> Value {
    json!([{
        "expression": format!("SEARCH('{{{namespace},{dimensions}}} MetricName=\"{name}\"', '{statistic}', 300)"),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dashboard_is_ours_only_by_its_mark() {
        let text = |markdown: &str| json!({ "widgets": [{ "type": "text", "properties": { "markdown": markdown } }] });
        let metric = json!({ "widgets": [{ "type": "metric", "properties": { "title": mark("a") } }] });
        let cases = [
            ("marked", text("# Title\n`auditscope:scope=a` and more"), true),
            ("another scope", text("auditscope:scope=a-b"), false),
            ("no text", metric, false),
            ("no widgets", json!({}), false),
            ("not even JSON", json!("auditscope:scope=a"), false),
        ];
        for (case, body, want) in cases {
            assert_eq!(is_marked(&body, "a"), want, "{case}");
        }
    }

    #[test]
    fn whole_numbers_have_one_spelling() {
        let cases = [
            ("an empty fraction", json!({"a": [300.0, -1.0]}), json!({"a": [300, -1]})),
            ("a fraction", json!(0.5), json!(0.5)),
            ("too large to be sure", json!(1e300), json!(1e300)),
            ("text", json!("300.0"), json!("300.0")),
        ];
        for (case, given, want) in cases {
            assert_eq!(canonical(given), want, "{case}");
        }
    }

    #[test]
    fn widgets_do_not_overlap() {
        let mut grid = Grid::default();
        grid.text(2, "x");
        for _ in 0..4 {
            grid.metrics("eu-central-1", "x", "Sum", &[plain("a", "b")]);
        }
        grid.alarms("x", &["arn".to_owned()]);
        let body = grid.body();
        let at = |widget: &Value| (widget["x"].as_u64(), widget["y"].as_u64());
        let places: Vec<_> = body["widgets"].as_array().expect("widgets").iter().map(at).collect();
        let want = [(0, 0), (0, 2), (8, 2), (16, 2), (0, 8), (0, 14)].map(|(x, y)| (Some(x), Some(y)));
        assert_eq!(places, want);
    }
}
