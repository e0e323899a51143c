//! Facts of the grammar as tables, and two laws: display is read back, and no text makes the parser panic.

use super::*;
use proptest::prelude::*;

fn parse(pattern: &str) -> Pattern {
    Pattern::parse(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"))
}

#[test]
fn unstructured_patterns_look_for_terms() {
    let cases = [
        ("empty matches all", "", "anything", true),
        ("quoted nothing matches all", r#""""#, "anything", true),
        ("quoted blank matches all", r#"" ""#, "anything", true),
        ("blanks match all", "   ", "anything", true),
        ("substring", "ERROR", "xERRORCODE", true),
        ("case matters", "error", "ERROR", false),
        ("all must occur", "ERROR ARGUMENTS", "ERROR 1", false),
        ("all occur", "ERROR ARGUMENTS", "ARGUMENTS then ERROR", true),
        ("phrase", r#""INTERNAL SERVER ERROR""#, "an INTERNAL SERVER ERROR", true),
        ("phrase is not its words", r#""SERVER ERROR""#, "SERVER x ERROR", false),
        ("excluded absent", "ERROR -ARGUMENTS", "ERROR", true),
        ("excluded present", "ERROR -ARGUMENTS", "ERROR ARGUMENTS", false),
        ("only excluded", "-ARGUMENTS", "ERROR", true),
        ("any of", "?ERROR ?WARN", "a WARN", true),
        ("none of any", "?ERROR ?WARN", "INFO", false),
        ("optional is ignored beside others", "?ERROR REQUEST", "REQUEST", true),
        ("optional is ignored beside others, miss", "?ERROR REQUEST", "ERROR", false),
        ("regular expression", "%AUTHORIZED%", "UNAUTHORIZED", true),
        ("excluded regular expression", "-%[0-9]+%", "a1", false),
        ("JSON is text too", "UpdateTrail", r#"{"eventName":"UpdateTrail"}"#, true),
        ("escaped quote", r#""a\"b""#, r#"a"b"#, true),
    ];
    for (case, pattern, message, want) in cases {
        assert_eq!(parse(pattern).matches(message), want, "{case}");
    }
}

const EVENT: &str = r#"{
    "s": "UpdateTrail", "n": 400, "text_n": "400", "neg": -2.5, "t": true, "f": false, "nil": null, "empty": "",
    "big": 9007199254740993, "star": "Ev*ent", "arr": ["GET", "PUT", "DELETE"], "obj": {"k": "v", "j": 1},
    "grid": [[1, 2], [3, 4]], "list": [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}], "ip": "123.123.4.5",
    "key.with.dots": "dotted", "a-b": "hyphen", "small": 0.001
}"#;

#[test]
fn json_tests_follow_the_documented_facts() {
    let cases = [
        ("equal", r#"{ $.s = "UpdateTrail" }"#, true),
        ("unquoted", "{$.s=UpdateTrail}", true),
        ("case matters", r#"{ $.s = "updatetrail" }"#, false),
        ("not equal", r#"{ $.s != "StopLogging" }"#, true),
        ("missing field, equal", r#"{ $.x = "a" }"#, false),
        ("missing field, not equal is false", r#"{ $.x != "a" }"#, false),
        ("missing field, ordering", "{ $.x < 3 }", false),
        ("companion for absence", r#"{ ($.x != "a") || ($.x NOT EXISTS) }"#, true),
        ("wildcard at the end", r#"{ $.s = "Update*" }"#, true),
        ("wildcard at the start", "{ $.s = *Trail }", true),
        ("wildcard at both ends", r#"{ $.s = "*dateTr*" }"#, true),
        ("wildcard in the middle is literal", r#"{ $.s = "Up*Trail" }"#, false),
        ("wildcard in the middle matches itself", r#"{ $.star = "Ev*ent" }"#, true),
        ("not equal with a wildcard", r#"{ $.s != "Update*" }"#, false),
        ("present", r#"{ $.s = "*" }"#, true),
        ("present, number", "{ $.n = * }", true),
        ("present, missing", r#"{ $.x = "*" }"#, false),
        ("empty text", r#"{ $.empty = "" }"#, true),
        ("address with a wildcard", "{ $.ip = 123.123.* }", true),
        ("number", "{ $.n = 400 }", true),
        ("number by value", "{ $.n = 4e2 }", true),
        ("number, not equal", "{ $.n != 400 }", false),
        ("greater", "{ $.n > 399.5 }", true),
        ("greater or equal", "{ $.n >= 400 }", true),
        ("less or equal", "{ $.n <= 399 }", false),
        ("negative", "{ $.neg < -2 }", true),
        ("scientific", "{ $.small = 1e-3 }", true),
        ("past 2^53", "{ $.big = 9007199254740992 }", false),
        ("ordering on a string", "{ $.text_n < 500 }", false),
        ("unquoted digits on a string", "{ $.text_n = 400 }", true),
        ("quoted digits on a number", r#"{ $.n = "400" }"#, false),
        ("is true", "{ $.t IS TRUE }", true),
        ("is true on false", "{ $.f IS TRUE }", false),
        ("is false", "{ $.f IS FALSE }", true),
        ("true is not a text", "{ $.t = true }", false),
        ("is null", "{ $.nil IS NULL }", true),
        ("is null on a missing field", "{ $.x IS NULL }", false),
        ("is null on a text", "{ $.s IS NULL }", false),
        ("not exists", "{ $.x NOT EXISTS }", true),
        ("null exists", "{ $.nil NOT EXISTS }", false),
        ("not exists past a scalar", "{ $.s.t NOT EXISTS }", true),
        ("array, equal", r#"{ $.arr = "GET" }"#, false),
        ("array, not equal", r#"{ $.arr != "GET" }"#, false),
        ("object, not equal", r#"{ $.obj != "v" }"#, false),
        ("array is not missing", "{ $.arr NOT EXISTS }", false),
        ("array element", r#"{ $.arr[2] = "DELETE" }"#, true),
        ("array element out of range", r#"{ $.arr[3] != "x" }"#, false),
        ("array element out of range is missing", "{ $.arr[3] NOT EXISTS }", true),
        ("index into an object", r#"{ $.obj[0] != "x" }"#, false),
        ("nested arrays", "{ $.grid[1][0] = 3 }", true),
        ("key in an element", r#"{ $.list[1].name = "b" }"#, true),
        ("any element", r#"{ $.arr[*] = "PUT" }"#, true),
        ("any element, none", r#"{ $.arr[*] = "HEAD" }"#, false),
        ("any element differs", r#"{ $.arr[*] != "PUT" }"#, true),
        ("key in any element", "{ $.list[*].id >= 2 }", true),
        ("any key", r#"{ $.obj.* = "v" }"#, true),
        ("key with dots", r#"{ $.['key.with.dots'] = "dotted" }"#, true),
        ("key with a hyphen", r#"{ $.a-b = "hyphen" }"#, true),
        ("and", r#"{ ($.s = "UpdateTrail") && ($.n = 400) }"#, true),
        ("and before or, left", r#"{ $.s = "UpdateTrail" || $.n = 1 && $.x = "y" }"#, true),
        ("and before or, right", r#"{ $.x = "y" && $.n = 1 || $.s = "UpdateTrail" }"#, true),
        ("parentheses before and", r#"{ ($.s = "UpdateTrail" || $.n = 1) && $.x = "y" }"#, false),
        ("no blanks", r#"{($.s="UpdateTrail")&&($.n=400)}"#, true),
        ("regular expression", "{ $.s = %^Update[A-Z]% }", true),
        ("regular expression, not equal", "{ $.s != %Trail% }", false),
        ("regular expression on a missing field", "{ $.x != %Trail% }", false),
    ];
    for (case, pattern, want) in cases {
        assert_eq!(parse(pattern).matches(EVENT), want, "{case}");
    }
}

#[test]
fn json_patterns_match_objects_only() {
    let pattern = parse("{ $.x NOT EXISTS }");
    for (case, message, want) in [
        ("an object", "{}", true),
        ("an array", "[]", false),
        ("a text", "not JSON", false),
        ("two objects", "{} {}", false),
        ("nothing", "", false),
    ] {
        assert_eq!(pattern.matches(message), want, "{case}");
    }
}

#[test]
fn space_delimited_patterns_test_fields() {
    const LINE: &str =
        r#"127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    let cases = [
        ("all named", "[ip, user, username, timestamp, request, status_code, bytes]", LINE, true),
        ("too many names", "[a, b, c, d, e, f, g, h]", LINE, false),
        ("number", "[ip, user, username, timestamp, request, status_code = 404, bytes]", LINE, true),
        (
            "wildcard",
            "[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
            LINE,
            true,
        ),
        ("greater", "[..., bytes > 1000]", LINE, true),
        ("ordering a text", "[ip > 5, ...]", LINE, false),
        ("from the end", "[..., status_code=404, bytes]", LINE, true),
        ("from both ends", "[ip=127.0.0.1, ..., bytes=1534]", LINE, true),
        ("ellipsis may be empty", "[w1=a, ..., w2=b]", "a b", true),
        ("ellipsis needs the others", "[w1=a, ..., w2=b]", "a", false),
        ("brackets are one field", r#"[a, b, c, d = "10/Oct/2000:13:25:15 -0700", ...]"#, LINE, true),
        ("or", "[w1=ERROR || w1=WARN, w2]", "WARN disk full", true),
        ("or, name left out", "[w1=ERROR || =WARN, w2]", "WARN disk", true),
        ("and of inequalities", "[w1!=ERROR&&w1!=WARN, w2]", "WARN disk", false),
        ("and before or", "[w1=a && w1=b || w1=c, w2]", "c d", true),
        ("last name takes the rest", r#"[w1, w2 = "disk full"]"#, "WARN disk full", true),
        ("inequality of a text with a number", "[w1 != 3, w2]", "x y", true),
        ("regular expression", r"[ip=%127\.0\.0\.[1-9]%, ...]", LINE, true),
    ];
    for (case, pattern, message, want) in cases {
        assert_eq!(parse(pattern).matches(message), want, "{case}");
    }
}

#[test]
fn errors_point_at_the_place() {
    let cases = [
        ("unquoted term", "foo.bar", 3, "double quotes"),
        ("lone minus", "a -", 3, "double quotes"),
        ("open quote", r#"a "b"#, 2, "closing"),
        ("no selector", "{ eventName = 1 }", 2, "selector"),
        ("negation", "{ !($.a = 1) }", 2, "no negation"),
        ("is not", "{ $.a IS NOT NULL }", 9, "no IS NOT"),
        ("exists", "{ $.a EXISTS }", 13, "= \"*\""),
        ("single quotes", "{ $.a = 'b' }", 8, "quote texts"),
        ("ordering a text", r#"{ $.a < "b" }"#, 8, "compares numbers"),
        ("ordering a bare text", "{ $.a >= b }", 9, "compares numbers"),
        ("open parenthesis", "{ ($.a = 1 }", 11, "expected `)`"),
        ("open brace", "{ $.a = 1", 9, "`}`"),
        ("two tests", "{ $.a = 1 $.b = 2 }", 10, "`&&`"),
        ("text behind", "{ $.a = 1 } x", 12, "end of the pattern"),
        ("no step", "{ $ = 1 }", 3, "after `$`"),
        ("no key", "{ $. = 1 }", 4, "key"),
        ("bad index", "{ $.a[x] = 1 }", 6, "index"),
        ("two wildcards", "{ $.a[*].b[*] = 1 }", 2, "one wildcard"),
        ("empty fields", "[]", 1, "field's name"),
        ("two ellipses", "[..., a, ...]", 9, "once"),
        ("another field's name", "[a=1 || b=2]", 8, "cannot name `b`"),
        ("group in a regular expression", "{ $.a = %(b)% }", 9, "parentheses"),
        ("plus in a text", "{ $.a = a+b }", 9, "quoted"),
    ];
    for (case, pattern, offset, message) in cases {
        let error = Pattern::parse(pattern).expect_err(case);
        assert_eq!(error.offset, offset, "{case}: {error}");
        assert!(error.message.contains(message), "{case}: {error}");
    }
}

#[test]
fn limits_are_those_of_aws() {
    let long = |chars: usize| format!(r#"{{ $.a = "{}" }}"#, "é".repeat(chars - 12));
    let wild = |count: usize| format!("{{ {} }}", vec!["($.a[*] = 1)"; count].join(" || "));
    let regexes = |count: usize| format!("{{ {} }}", vec!["($.a = %b%)"; count].join(" && "));
    let nested = |depth: usize| format!("{{ {}$.a = 1{} }}", "(".repeat(depth), ")".repeat(depth));
    let cases = [
        ("1024 characters", long(1024), true),
        ("1025 characters", long(1025), false),
        ("three wildcard selectors", wild(3), true),
        ("four wildcard selectors", wild(4), false),
        ("two regular expressions", regexes(2), true),
        ("three regular expressions", regexes(3), false),
        ("three in a space-delimited pattern", "[a=%b%, c=%d%, e=%f%]".to_owned(), false),
        ("three among terms", "%a% %b% %c%".to_owned(), true),
        ("deep parentheses", nested(64), true),
        ("deeper parentheses", nested(65), false),
        ("hostile parentheses", "{".to_owned() + &"(".repeat(1000), false),
    ];
    for (case, pattern, want) in cases {
        assert_eq!(Pattern::parse(&pattern).is_ok(), want, "{case}");
    }
}

#[test]
fn named_values_are_reported() {
    let pattern = parse(
        r#"{ ($.eventSource = "s3.amazonaws.com") && (($.eventName = DeleteBucket) || ($.eventName = "Put*") || ($.eventName != "PutObject")) }"#,
    );
    assert_eq!(pattern.event_names().into_iter().collect::<Vec<_>>(), ["DeleteBucket", "Put*"]);
    assert_eq!(pattern.values_of("$.eventSource").len(), 1);
    assert_eq!(pattern.regex_count(), 0);
}

#[test]
fn the_canonical_spelling_quotes_and_parenthesises() {
    let cases = [
        ("{$.a=b&&$.c!=1||$.d IS TRUE}", r#"{ (($.a = "b") && ($.c != 1)) || ($.d IS TRUE) }"#),
        ("{ (($.a[0].['x.y'] NOT EXISTS)) }", "{ $.a[0].['x.y'] NOT EXISTS }"),
        ("[a,b=4*||b>3,...]", r#"[a, b = "4*" || b > 3, ...]"#),
        (r#"-"a" ?b "c d" %e%"#, r#"-a ?b "c d" %e%"#),
    ];
    for (text, want) in cases {
        assert_eq!(parse(text).to_string(), want);
    }
}

fn operand() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_*./:-]{1,8}",
        "-?[0-9]{1,4}(\\.[0-9]{1,3})?(e[+-]?[0-9]{1,2})?",
        "[ -!#-\\[\\]-~é]{0,10}".prop_map(|text| format!("\"{text}\"")),
        Just(r#""a\\\"b""#.to_owned()),
        "%[a-z]{1,3}[*+?]?\\|[0-9.]{1,3}%",
    ]
}

fn json_pattern() -> impl Strategy<Value = String> {
    let step = prop_oneof![
        "\\.[A-Za-z_-]{1,5}",
        "\\[[0-9]{1,2}\\]",
        "\\.\\['[a-z. ']{0,5}'\\]",
        Just("[*]".to_owned()),
        Just(".*".to_owned()),
    ];
    let selector = proptest::collection::vec(step, 1..4).prop_map(|steps| format!("${}", steps.concat()));
    let check = prop_oneof![
        ("(=|!=)", operand()).prop_map(|(op, operand)| format!("{op} {operand}")),
        ("(<|<=|>|>=)", "[0-9]{1,3}").prop_map(|(op, number)| format!("{op}{number}")),
        Just("IS NULL".to_owned()),
        Just("IS FALSE".to_owned()),
        Just("NOT EXISTS".to_owned()),
    ];
    let test = (selector, check).prop_map(|(selector, check)| format!("{selector} {check}"));
    test.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("({inner})")),
            (inner.clone(), "(&&|\\|\\|)", inner)
                .prop_map(|(left, op, right)| format!("{left} {op} {right}")),
        ]
    })
    .prop_map(|expr| format!("{{ {expr} }}"))
}

fn delimited_pattern() -> impl Strategy<Value = String> {
    let field = prop_oneof![
        "[a-z]{1,4}",
        Just("...".to_owned()),
        ("[a-z]{1,4}", "(=|!=)", operand()).prop_map(|(name, op, operand)| format!("{name}{op}{operand}")),
        ("[a-z]{1,4}", operand(), "(&&|\\|\\|)", operand())
            .prop_map(|(name, left, op, right)| format!("{name}={left} {op} {name}!={right}")),
    ];
    proptest::collection::vec(field, 1..5).prop_map(|fields| format!("[{}]", fields.join(",")))
}

fn terms_pattern() -> impl Strategy<Value = String> {
    let term = ("[?-]?", prop_oneof!["[A-Za-z0-9_]{1,6}", "\"[ -!#-\\[\\]-~]{0,8}\"", "%[a-z ]{1,5}%"]);
    proptest::collection::vec(term.prop_map(|(sign, atom)| sign + &atom), 0..6)
        .prop_map(|terms| terms.join(" "))
}

proptest! {
    #[test]
    fn display_is_read_back(text in prop_oneof![json_pattern(), delimited_pattern(), terms_pattern()]) {
        if let Ok(pattern) = Pattern::parse(&text) {
            let shown = pattern.to_string();
            if shown.chars().count() <= MAX_CHARS {
                prop_assert_eq!(Pattern::parse(&shown), Ok(pattern), "{} shown as {}", text, shown);
            }
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in r#"[ {\[]?([$%"'\\.*\[\](){}&|=!<>a-c0-9é?,-]|IS|NOT| |\$\.a)*"#, message in any::<String>()) {
        match Pattern::parse(&text) {
            Ok(pattern) => {
                let _ = pattern.matches(&message);
                let _ = pattern.matches(EVENT);
            }
            Err(error) => prop_assert!(text.is_char_boundary(error.offset), "{:?}", error),
        }
    }

    #[test]
    fn arbitrary_text_is_parsed_or_refused(text in any::<String>()) {
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert!(pattern.regex_count() <= text.len());
        }
    }
}
