//! Whole blueprints: what loads, and what each mistake is told as.

use super::*;
use std::collections::BTreeMap;
use std::path::Path;
use tempfile::TempDir;

const SMALLEST: &str = r#"
format = 1
[scope]
name = "genai-audit"
account = "111122223333"
home_region = "eu-central-1"
"#;

/// A directory with these files, of which `main.toml` is the blueprint.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().expect("a temporary directory");
    for (name, text) in files {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside the directory")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    directory
}

fn options() -> LoadOptions {
    LoadOptions::new(jiff::civil::date(2026, 11, 24))
}

fn load_in(directory: &TempDir, options: &LoadOptions) -> Result<Loaded, Rejected> {
    load(&directory.path().join("main.toml"), options)
}

fn load_text(text: &str) -> Result<Loaded, Rejected> {
    load_in(&directory(&[("main.toml", text)]), &options())
}

/// The smallest blueprint with keys added at the end.
fn with(more: &str) -> Result<Loaded, Rejected> {
    load_text(&format!("{SMALLEST}{more}"))
}

fn problems(result: &Result<Loaded, Rejected>) -> &[Problem] {
    match result {
        Ok(loaded) => &loaded.problems,
        Err(rejected) => &rejected.problems,
    }
}

fn codes(result: &Result<Loaded, Rejected>) -> Vec<&'static str> {
    problems(result).iter().map(|problem| problem.code).collect()
}

/// What people see, with the directory's own path taken out.
fn screen(result: &Result<Loaded, Rejected>, directory: &Path) -> String {
    let (problems, sources) = match result {
        Ok(loaded) => (&loaded.problems, &loaded.sources),
        Err(rejected) => (&rejected.problems, &rejected.sources),
    };
    let text = render(problems, sources, false, 120).replace(&format!("{}/", directory.display()), "");
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

#[test]
fn five_lines_give_every_default() {
    let loaded = with("").expect("good");
    assert_eq!(codes(&Ok(loaded.clone())), ["AS025"]);
    let blueprint = loaded.blueprint;
    assert_eq!(blueprint.log_bucket.name, "genai-audit-logs-111122223333-eu-central-1");
    assert_eq!(blueprint.log_bucket.expire_after_days, 2555);
    assert_eq!(blueprint.log_bucket.object_lock, ObjectLock { mode: LockMode::Governance, days: 400 });
    assert_eq!(blueprint.log_bucket.access_logs, Some(AccessLogs { expire_after_days: 400 }));
    assert_eq!(blueprint.trail.log_group, Some(LogGroup { retention_days: Some(400) }));
    assert_eq!(blueprint.trail.data_events.bedrock.len(), 18);
    assert_eq!(blueprint.trail.data_events.agentcore.len(), 23);
    assert!(blueprint.trail.data_events.mantle.contains("AWS::BedrockMantle::Project"));
    let logging = blueprint.invocation_logging.expect("on");
    assert!(logging.text && !logging.image && !logging.audio);
    assert_eq!(logging.log_group, Some(LogGroup { retention_days: Some(90) }));
    assert_eq!(blueprint.objectives.len(), 4);
    assert_eq!(loaded.hash.len(), 64);
}

/// The example of the format's own documentation.
const EVERYTHING: &str = include_str!("tests/everything.toml");

const DELETE: &str = r#"{"eventSource": "bedrock.amazonaws.com", "eventName": "DeleteGuardrail"}"#;
const GET: &str = r#"{"Records": [{"eventSource": "bedrock.amazonaws.com", "eventName": "GetGuardrail"}]}"#;

fn everything() -> TempDir {
    directory(&[
        ("main.toml", EVERYTHING),
        ("events/delete-guardrail.json", DELETE),
        ("events/get-guardrail.json", GET),
    ])
}

#[test]
fn every_key_is_read() {
    let directory = everything();
    let result = load_in(&directory, &options());
    assert_eq!(screen(&result, directory.path()), "");
    let loaded = result.expect("good");
    let blueprint = &loaded.blueprint;
    assert_eq!(blueprint.log_bucket.name, "acme-audit-us-east-1");
    assert_eq!(blueprint.scope.contact.as_deref(), Some("platform@example.com"));
    assert!(blueprint.encryption.administrators.contains("arn:aws:iam::111122223333:role/platform-admin"));
    let types: Vec<&str> = blueprint.trail.data_events.bedrock.iter().map(String::as_str).collect();
    assert_eq!(types, ["AWS::Bedrock::Guardrail", "AWS::Bedrock::Model"]);
    assert!(blueprint.trail.data_events.agentcore.is_empty());
    assert_eq!(blueprint.trail.data_events.selectors[0].fields.len(), 2);
    let own =
        blueprint.detections.iter().find(|detection| detection.id == "guardrail-weakened").expect("there");
    assert_eq!((own.severity, own.trigger.period_seconds), (Severity::High, 300));
    let alarm = blueprint.alarms.iter().find(|alarm| alarm.id == "model-throttled").expect("there");
    assert_eq!(alarm.placement, Placement::BedrockRegions);
    assert_eq!((alarm.trigger.datapoints_alarm, alarm.trigger.datapoints_of), (2, 3));
    assert_eq!(blueprint.disabled[0].0, "cis-unauthorized-api");
    assert_eq!(blueprint.objectives.len(), 4);
    assert!(loaded.examples["guardrail-weakened"].matches[0].ends_with("events/delete-guardrail.json"));
    let origin = &loaded.origins["detection[guardrail-weakened].pattern"];
    assert!(origin.file.ends_with("main.toml") && origin.line > 80, "{origin:?}");
}

#[test]
fn every_key_of_the_table_is_in_the_example() {
    // So that the example, and with it the test above, grows with the format.
    let absent = ["extends", "waive", "prompts"];
    let optional = ["starts_with", "ends_with", "not_equals", "not_starts_with", "not_ends_with"];
    for key in KEYS {
        let name = key.name();
        let skipped = absent.iter().any(|part| key.path.starts_with(part))
            || optional.contains(&name)
            || key.path.starts_with("invocation_logging.bucket.object_lock");
        assert!(skipped || name == "*" || EVERYTHING.contains(name), "{}", key.path);
    }
}

#[test]
fn the_same_file_gives_the_same_bytes() {
    let directory = everything();
    let first = load_in(&directory, &options()).expect("good");
    for _ in 0..5 {
        assert_eq!(load_in(&directory, &options()).expect("good"), first);
    }
    let other = EVERYTHING.replace("rotation_days        = 365", "rotation_days = 366");
    std::fs::write(directory.path().join("main.toml"), other).expect("written");
    assert_ne!(load_in(&directory, &options()).expect("good").hash, first.hash);
}

#[test]
fn an_error_names_place_code_and_remedy() {
    let directory = directory(&[(
        "main.toml",
        "format = 1\n\n[scope]\nname = \"GenAI\"\naccount = 111122223333\nhome_region = \"eu-central-1\"\nretention_dyas = 400\n\n\
         [trail]\nlog_group = { retention_days = 100 }\n\n[notifications]\nemails = []\n",
    )]);
    let result = load_in(&directory, &options());
    insta::assert_snapshot!(screen(&result, directory.path()), @r#"
    error[AS013]: `GenAI` cannot be a scope's name
     --> main.toml:4:8
      |
    4 | name = "GenAI"
      |        ^^^^^^^ lower-case letters, digits and single dashes only
      |
      = help: write `genai`

    error[AS006]: `account` must be a string, not an integer
     --> main.toml:5:11
      |
    5 | account = 111122223333
      |           ^^^^^^^^^^^^ expected a string
      |
      = help: write the account id in quotes: as a number it would lose leading zeros

    error[AS005]: unknown key `retention_dyas` in `scope`
     --> main.toml:7:1
      |
    7 | retention_dyas = 400
      | ^^^^^^^^^^^^^^ unknown key
      |
      = help: write `retention_days`

    error[AS014]: the trail's log group keeps 100 days, the objective is 400
      --> main.toml:10:32
       |
    10 | log_group = { retention_days = 100 }
       |                                ^^^ shorter than 400
       |
       = help: write `retention_days = 400`, or leave the key out; a copy elsewhere can be accepted under `[waive]`

    error[AS018]: 100 days is not a period CloudWatch Logs offers
      --> main.toml:10:32
       |
    10 | log_group = { retention_days = 100 }
       |                                ^^^ not a step
       |
       = help: the nearest longer one is 120: write `retention_days = 120`

    warning[AS025]: nobody is told when an alarm fires
      --> main.toml:12:2
       |
    12 | [notifications]
       |  ^^^^^^^^^^^^^ no e-mail addresses and no topics
       |
       = help: add `emails = ["secops@example.com"]` or `topics = ["arn:…"]` under `[notifications]`
    "#);
    let Err(rejected) = result else { panic!("rejected") };
    let report = serde_json::to_value(rejected.problems[0].report(&rejected.sources)).expect("plain values");
    assert_eq!(report["line"], 4);
    assert_eq!(report["column"], 8);
    assert_eq!(report["code"], "AS013");
}

#[test]
fn each_mistake_has_its_code() {
    let own = |pattern: &str, more: &str| {
        format!(
            "[[detection]]\nid = \"own\"\ndescription = \"d\"\npattern = '{pattern}'\nthreshold = 1\nperiod = \"5m\"\n{more}\n"
        )
    };
    let alarm = |more: &str| {
        format!(
            "[[alarm]]\nid = \"own\"\nthreshold = 1\nmetric = {{ namespace = \"AWS/Logs\", name = \"IncomingLogEvents\" }}\n{more}\n"
        )
    };
    let selector =
        |fields: &str| format!("[[trail.data_events.selector]]\nname = \"s\"\nfields = [{fields}]\n");
    let many = (0..460).map(|number| format!("\"arn:aws:s3:::b{number}/\"")).collect::<Vec<_>>().join(",");
    let cases: Vec<(&str, String, &str)> = vec![
        ("syntax", "[trail\n".into(), "AS001"),
        ("unknown key", "[trail]\nmultiregion = true\n".into(), "AS005"),
        ("wrong type", "[trail]\nmulti_region = \"yes\"\n".into(), "AS006"),
        ("true for a part", "[trail]\nlog_group = true\n".into(), "AS006"),
        ("missing key", "[[objective]]\nid = \"x\"\nevidence = [\"trail\"]\n".into(), "AS007"),
        ("word not offered", "[trail]\nmanagement_events = \"read\"\n".into(), "AS008"),
        ("insight not offered", "[trail]\ninsights = [\"api-calls\"]\n".into(), "AS008"),
        ("rotation too often", "[encryption]\nrotation_days = 89\n".into(), "AS009"),
        ("rotation too rarely", "[encryption]\nrotation_days = 2561\n".into(), "AS009"),
        ("window too short", "[encryption]\ndeletion_window_days = 6\n".into(), "AS009"),
        ("variable without value", "[log_bucket]\nname = \"${var.none}\"\n".into(), "AS010"),
        ("region outside its key", "[notifications]\nemails = [\"${region}@example.com\"]\n".into(), "AS010"),
        ("between steps", "[trail]\nlog_group = { retention_days = 500 }\n".into(), "AS018"),
        ("log group too short", "[trail]\nlog_group = { retention_days = 90 }\n".into(), "AS014"),
        ("bucket name", "[log_bucket]\nname = \"Acme\"\n".into(), "AS019"),
        ("expires too early", "[log_bucket]\nexpire_after_days = 100\n".into(), "AS020"),
        ("locked longer", "[log_bucket]\nobject_lock = { days = 3000 }\n".into(), "AS020"),
        ("archived after expiry", "[log_bucket]\narchive_after_days = 2555\n".into(), "AS021"),
        ("no principal", "[encryption]\nreaders = [\"*\"]\n".into(), "AS022"),
        ("no topic", "[notifications]\ntopics = [\"arn:aws:sqs:eu-central-1:111122223333:a\"]\n".into(), "AS022"),
        ("no address", "[notifications]\nemails = [\"secops\"]\n".into(), "AS023"),
        ("write only", "[trail]\nmanagement_events = \"write\"\n".into(), "AS024"),
        ("unknown short name", "[trail.data_events]\nbedrock = [\"modell\"]\n".into(), "AS026"),
        ("short name of another family", "[trail.data_events]\nbedrock = [\"memory\"]\n".into(), "AS026"),
        ("no category", selector("{ field = \"resources.type\", equals = [\"AWS::S3Tables::Table\"] }"), "AS027"),
        ("no type", selector("{ field = \"eventCategory\", equals = [\"Data\"] }"), "AS027"),
        (
            "two types",
            selector("{ field = \"eventCategory\", equals = [\"Data\"] }, { field = \"resources.type\", equals = [\"A\", \"B\"] }"),
            "AS027",
        ),
        (
            "field of event data stores",
            selector("{ field = \"eventCategory\", equals = [\"Management\"] }, { field = \"eventName\", equals = [\"X\"] }"),
            "AS027",
        ),
        (
            "operator not taken",
            selector(
                "{ field = \"eventCategory\", equals = [\"NetworkActivity\"] }, { field = \"eventSource\", starts_with = [\"s3\"] }",
            ),
            "AS027",
        ),
        (
            "value not offered",
            selector(
                "{ field = \"eventCategory\", equals = [\"Management\"] }, { field = \"eventSource\", not_equals = [\"s3.amazonaws.com\"] }",
            ),
            "AS027",
        ),
        ("too many values", format!("[[trail.data_events.objects]]\nname = \"o\"\nbuckets = [{}]\n", many.replace("arn:aws:s3:::b", "bkt-").replace("/\"", "\"")), "AS028"),
        (
            "all objects",
            selector("{ field = \"eventCategory\", equals = [\"Data\"] }, { field = \"resources.type\", equals = [\"AWS::S3::Object\"] }"),
            "AS029",
        ),
        (
            "own log bucket",
            "[[trail.data_events.objects]]\nname = \"o\"\nbuckets = [\"genai-audit-logs-111122223333-eu-central-1\"]\n".into(),
            "AS029",
        ),
        ("odd period", alarm("period = \"45s\""), "AS030"),
        ("too many periods", alarm("period = \"5m\"\ndatapoints = { alarm = 1, of = 289 }"), "AS030"),
        ("more than all", alarm("period = \"5m\"\ndatapoints = { alarm = 3, of = 2 }"), "AS030"),
        ("not a duration", alarm("period = \"5 minutes\""), "AS047"),
        ("not a statistic", alarm("period = \"5m\"\nstatistic = \"sum\""), "AS008"),
        ("not a comparison", alarm("period = \"5m\"\ncompare = \"==\""), "AS008"),
        ("not a pattern", own("{ $.eventName = }", "matches = [\"a\"]\nignores = [\"b\"]"), "AS031"),
        ("no examples", own("{ $.eventName = \"X\" }", "matches = []\nignores = []"), "AS032"),
        ("unreadable examples", own("{ $.eventName = \"X\" }", "matches = [\"a\"]\nignores = [\"b\"]"), "AS032"),
        ("the same id twice", format!("{}{}", alarm("period = \"5m\""), alarm("period = \"5m\"")), "AS011"),
        ("a built-in id", alarm("period = \"5m\"").replace("\"own\"", "\"cis-unauthorized-api\""), "AS011"),
        ("id in capitals", alarm("period = \"5m\"").replace("\"own\"", "\"Own\""), "AS012"),
        ("unknown pack", "[detections]\npacks = [\"cis-foundations\"]\n".into(), "AS034"),
        ("unknown id", "[detections]\ndisable = [{ id = \"cis-nothing\", reason = \"r\" }]\n".into(), "AS034"),
        ("no reason", "[detections]\ndisable = [{ id = \"cis-unauthorized-api\", reason = \" \" }]\n".into(), "AS035"),
        ("reason missing", "[detections]\ndisable = [{ id = \"cis-unauthorized-api\" }]\n".into(), "AS007"),
        ("unknown objective", alarm("period = \"5m\"\nanswers = \"is-it-healty\""), "AS036"),
        ("unknown evidence", "[[objective]]\nid = \"x\"\nquestion = \"q\"\nevidence = [\"trial\"]\n".into(), "AS037"),
        ("waiver of an error", "[waive]\nAS001 = { owner = \"o\", reason = \"r\", until = 2027-06-30 }\n".into(), "AS038"),
        ("waiver without owner", "[waive]\nAS025 = { reason = \"r\", until = 2027-06-30 }\n".into(), "AS007"),
        ("waiver with blank owner", "[waive]\nAS025 = { owner = \"\", reason = \"r\", until = 2027-06-30 }\n".into(), "AS038"),
        (
            "own detection without log group",
            format!("[trail]\nlog_group = false\n{}", own("{ $.eventName = \"X\" }", "matches = [\"a\"]\nignores = [\"b\"]")),
            "AS040",
        ),
        ("topic elsewhere", "[notifications]\ntopics = [\"arn:aws:sns:us-east-1:111122223333:a\"]\n".into(), "AS043"),
        ("object URL", "[[trail.data_events.objects]]\nname = \"o\"\nbuckets = [\"s3://data\"]\n".into(), "AS045"),
        ("unknown catalogue", "[trail.data_events]\ncatalogue = \"2025-01\"\n".into(), "AS046"),
        ("no destination", "[invocation_logging]\nlog_group = false\nbucket = false\n".into(), "AS048"),
        ("nothing to log", "[invocation_logging]\ntext = false\n".into(), "AS048"),
        ("insights of nothing", "[trail]\nmanagement_events = \"none\"\ninsights = [\"api-call-rate\"]\n".into(), "AS050"),
    ];
    for (case, text, want) in cases {
        let result = with(&text);
        let told = problems(&result);
        let found =
            told.iter().find(|problem| problem.code == want && problem.severity == ProblemSeverity::Error);
        assert!(found.is_some_and(|problem| problem.at.is_some()), "{case}: {told:#?}");
        assert!(result.is_err(), "{case}");
    }
}

#[test]
fn what_may_be_meant_is_a_warning() {
    let cases = [
        ("unknown Region", "[detections.parameters]\napproved_regions = [\"eu-central-9\"]\n", "AS017"),
        ("nobody told", "", "AS025"),
        ("unknown type", "[trail.data_events]\nbedrock = [\"AWS::Bedrock::Newest\"]\n", "AS026"),
        ("compliance", "[log_bucket]\nobject_lock = { mode = \"compliance\" }\n", "AS044"),
        ("one Region", "[trail]\nmulti_region = false\n", "AS049"),
        ("archived shortly", "[log_bucket]\narchive_after_days = 2500\n", "AS021"),
        (
            "evidence left out",
            "[invocation_logging]\n[[objective]]\nid = \"x\"\nquestion = \"q\"\nevidence = [\"trail.insights\"]\n",
            "AS051",
        ),
    ];
    for (case, text, want) in cases {
        let loaded = with(text).unwrap_or_else(|rejected| panic!("{case}: {:#?}", rejected.problems));
        assert!(loaded.problems.iter().any(|problem| problem.code == want), "{case}: {:#?}", loaded.problems);
    }
}

#[test]
fn scope_values_are_told_where_they_stand() {
    let cases = [
        ("name with capitals", "\"genai-audit\"", "\"GenAI_Audit\"", "AS013"),
        ("name too short", "\"genai-audit\"", "\"ai\"", "AS013"),
        ("name too long", "\"genai-audit\"", "\"genai-audit-of-a-large-company\"", "AS013"),
        ("name that S3 reserves", "\"genai-audit\"", "\"sthree\"", "AS019"),
        ("account with dashes", "\"111122223333\"", "\"1111-2222-3333\"", "AS015"),
        ("Region in words", "\"eu-central-1\"", "\"frankfurt\"", "AS016"),
        ("newer format", "format = 1", "format = 2", "AS004"),
    ];
    for (case, from, to, want) in cases {
        let result = load_text(&SMALLEST.replace(from, to));
        assert!(result.is_err() && codes(&result).contains(&want), "{case}: {:#?}", problems(&result));
    }
}

#[test]
fn selectors_that_keep_off_the_log_bucket_pass() {
    let base = "{ field = \"eventCategory\", equals = [\"Data\"] }, { field = \"resources.type\", equals = [\"AWS::S3::Object\"] }";
    let cases = [
        ("reads", "{ field = \"readOnly\", equals = [\"true\"] }"),
        ("deletes", "{ field = \"eventName\", starts_with = [\"Delete\"] }"),
        ("another bucket", "{ field = \"resources.ARN\", starts_with = [\"arn:aws:s3:::data/\"] }"),
        (
            "all but ours",
            "{ field = \"resources.ARN\", not_starts_with = [\"arn:aws:s3:::genai-audit-logs-\", \"arn:aws:s3:::genai-audit-access-\"] }",
        ),
    ];
    for (case, field) in cases {
        let result =
            with(&format!("[[trail.data_events.selector]]\nname = \"s\"\nfields = [{base}, {field}]\n"));
        assert_eq!(codes(&result), ["AS025"], "{case}: {:#?}", problems(&result));
    }
}

#[test]
fn a_waiver_counts_until_its_end() {
    let lint = "[trail]\nmanagement_events = \"write\"\n[waive]\nAS024 = { owner = \"platform\", reason = \"r\", until = 2026-11-24 }\n";
    let loaded = with(lint).expect("waived");
    let waived = loaded.problems.iter().find(|problem| problem.code == "AS024").expect("still told");
    assert_eq!(waived.severity, ProblemSeverity::Waived);
    assert_eq!(loaded.waivers.len(), 1);
    let ended = with(&lint.replace("2026-11-24", "2026-11-23"));
    assert!(ended.is_err() && codes(&ended).contains(&"AS039"), "{:#?}", problems(&ended));
    let idle = with("[waive]\nAS024 = { owner = \"platform\", reason = \"r\", until = 2026-11-24 }\n");
    assert!(idle.is_ok() && codes(&idle).contains(&"AS039"));
}

#[test]
fn layers_merge_by_key_and_by_id() {
    let base = format!(
        "{SMALLEST}retention_days = 365\n[notifications]\nemails = [\"a@example.com\"]\n[[alarm]]\nid = \"one\"\nthreshold = 1\nperiod = \"5m\"\n\
         metric = {{ namespace = \"AWS/Logs\", name = \"N\" }}\n"
    );
    let top = "extends = \"base/${var.kind}.toml\"\n[vars]\nkind = \"base\"\n[scope]\nretention_days = 400\n\
               [[alarm]]\nid = \"one\"\nperiod = \"10m\"\n[[alarm]]\nid = \"two\"\nthreshold = 2\nperiod = \"1m\"\n\
               metric = { namespace = \"AWS/Logs\", name = \"M\" }\n";
    let directory = directory(&[("main.toml", top), ("base/base.toml", &base)]);
    let loaded = load_in(&directory, &options()).expect("good");
    assert_eq!(codes(&Ok(loaded.clone())), ["AS041"], "another period is told");
    assert_eq!(loaded.blueprint.scope.retention_days, 400);
    let own: Vec<&Alarm> = loaded.blueprint.alarms.iter().filter(|alarm| alarm.pack.is_none()).collect();
    assert_eq!(own.iter().map(|alarm| alarm.trigger.period_seconds).collect::<Vec<_>>(), [600, 60]);
    let origin = |path: &str| {
        let file = &loaded.origins[path].file;
        Path::new(file).file_name().expect("a file").to_string_lossy().into_owned()
    };
    assert_eq!(origin("scope.retention_days"), "main.toml");
    assert_eq!(origin("scope.name"), "base.toml");
    assert_eq!(origin("alarm[one].period"), "main.toml");
    assert_eq!(origin("alarm[one].threshold"), "base.toml");
}

#[test]
fn a_layer_that_weakens_its_base_names_both_files() {
    let base = format!(
        "{SMALLEST}[notifications]\nemails = [\"a@example.com\"]\n[trail]\nlog_file_validation = true\nlog_group = {{ retention_days = 731 }}\n\
         [trail.data_events]\nbedrock = \"all\"\n"
    );
    let top = "extends = \"base.toml\"\n[trail]\nlog_file_validation = false\nlog_group = { retention_days = 400 }\n\
               [trail.data_events]\nbedrock = [\"model\"]\n";
    let directory = directory(&[("main.toml", top), ("base.toml", &base)]);
    let loaded = load_in(&directory, &options()).expect("warnings only");
    let told: Vec<&str> = loaded
        .problems
        .iter()
        .filter(|problem| problem.code == "AS041")
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for message in told {
        assert!(message.contains("main.toml") && message.contains("base.toml"), "{message}");
    }
}

#[test]
fn layers_that_are_missing_or_go_in_a_circle_are_told_at_their_place() {
    let missing = directory(&[("main.toml", "extends = \"none.toml\"\n")]);
    let circle =
        directory(&[("main.toml", "extends = \"b.toml\"\n"), ("b.toml", "extends = \"main.toml\"\n")]);
    for (case, directory, want) in [("missing", missing, "AS002"), ("circle", circle, "AS003")] {
        let result = load_in(&directory, &options());
        assert_eq!(codes(&result), [want], "{case}");
        assert!(problems(&result)[0].at.is_some(), "{case}");
    }
    let nothing = load_in(&directory(&[]), &options());
    assert_eq!(codes(&nothing), ["AS002"]);
}

#[test]
fn variables_are_filled_from_options_before_defaults() {
    let text = "[vars]\nstage = \"test\"\n[log_bucket]\nname = \"acme-${var.stage}-${region}\"\n";
    let directory = directory(&[("main.toml", &format!("{SMALLEST}{text}"))]);
    let name = |options: &LoadOptions| load_in(&directory, options).expect("good").blueprint.log_bucket.name;
    assert_eq!(name(&options()), "acme-test-eu-central-1");
    let given = LoadOptions { vars: BTreeMap::from([("stage".into(), "prod".into())]), ..options() };
    assert_eq!(name(&given), "acme-prod-eu-central-1");
}

#[test]
fn examples_must_do_what_is_said_of_them() {
    let swapped = [
        ("main.toml", EVERYTHING),
        ("events/delete-guardrail.json", GET),
        ("events/get-guardrail.json", DELETE),
    ];
    let result = load_in(&directory(&swapped), &options());
    assert_eq!(codes(&result), ["AS033", "AS033"], "{:#?}", problems(&result));
}

proptest::proptest! {
    /// Whatever is typed, problems come back with places inside their files, and can be shown.
    #[test]
    fn a_damaged_file_is_told_and_never_a_crash(
        from in 0..EVERYTHING.len(), length in 0..40_usize, put in "[a-z0-9\"'\\[\\]{}=,.${}é \\n-]{0,12}",
    ) {
        let text = EVERYTHING.as_bytes();
        let to = (from + length).min(text.len());
        let damaged = [&text[..from], put.as_bytes(), &text[to..]].concat();
        let damaged = String::from_utf8_lossy(&damaged).into_owned();
        let directory = directory(&[("main.toml", &damaged), ("events/delete-guardrail.json", DELETE), ("events/get-guardrail.json", GET)]);
        let result = load_in(&directory, &options());
        let _ = screen(&result, directory.path());
        if let Err(rejected) = &result {
            let error = rejected.problems.iter().any(|problem| problem.severity == ProblemSeverity::Error);
            proptest::prop_assert!(error);
        }
        for at in problems(&result).iter().filter_map(|problem| problem.at.as_ref()) {
            proptest::prop_assert!(at.span.end <= damaged.len());
        }
    }
}
