use annals_core::Json;

/// Where two bodies differ, one line a field, by its path: `lines[0].price: expected 10, got 12`.
///
/// Nothing if the bodies have no fields in common, because then the lines above say it all.
pub(super) fn field_lines(expected: &Json, actual: &Json) -> Vec<String> {
    let mut lines = Vec::new();
    compare("", Some(expected), Some(actual), &mut lines);
    lines
}

/// How much of two bodies differs, in hundredths.
pub(super) fn distance(expected: &Json, actual: &Json) -> usize {
    let differing = {
        let mut lines = Vec::new();
        compare("", Some(expected), Some(actual), &mut lines);
        lines.len()
    };
    let all = leaves(expected).max(leaves(actual)).max(1);
    (differing * 100 / all).min(100)
}

fn leaves(json: &Json) -> usize {
    match json {
        Json::Object(fields) => fields.values().map(leaves).sum::<usize>().max(1),
        Json::Array(items) => items.iter().map(leaves).sum::<usize>().max(1),
        _ => 1,
    }
}

fn compare(path: &str, expected: Option<&Json>, actual: Option<&Json>, lines: &mut Vec<String>) {
    match (expected, actual) {
        (Some(Json::Object(expected)), Some(Json::Object(actual))) => {
            for (name, value) in expected {
                compare(&under(path, name), Some(value), actual.get(name), lines);
            }
            for (name, value) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                compare(&under(path, name), None, Some(value), lines);
            }
        }
        (Some(Json::Array(expected)), Some(Json::Array(actual))) => {
            for at in 0..expected.len().max(actual.len()) {
                compare(&format!("{path}[{at}]"), expected.get(at), actual.get(at), lines);
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => {
            let shown = |json: Option<&Json>| json.map_or_else(|| "nothing".to_owned(), Json::to_string);
            let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
            lines.push(format!("{path}expected {}, got {}", shown(expected), shown(actual)));
        }
    }
}

fn under(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_differing_field_is_a_line_with_its_path() {
        let expected = json!({ "lines": [{ "price": 10, "name": "a" }], "note": null, "total": 10 });
        let actual = json!({ "lines": [{ "price": 12, "name": "a" }, { "price": 1 }], "total": 10, "paid": true });
        assert_eq!(
            field_lines(&expected, &actual),
            [
                "lines[0].price: expected 10, got 12",
                r#"lines[1]: expected nothing, got {"price":1}"#,
                "note: expected null, got nothing",
                "paid: expected nothing, got true",
            ]
        );
        assert_eq!(field_lines(&json!("a"), &json!("b")), [r#"expected "a", got "b""#]);
        assert_eq!(field_lines(&actual, &actual), [""; 0]);
    }

    #[test]
    fn a_distance_is_the_share_of_fields_that_differ() {
        let body = json!({ "a": 1, "b": 2, "c": 3, "d": 4 });
        assert_eq!(distance(&body, &body), 0);
        assert_eq!(distance(&body, &json!({ "a": 1, "b": 2, "c": 3, "d": 5 })), 25);
        assert_eq!(distance(&json!(1), &json!({ "a": 1 })), 100);
    }
}
