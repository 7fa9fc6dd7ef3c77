use annals_core::Timestamp;
use serde::Deserialize;

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Timestamps {
    #[serde(rename = "about")]
    _about: String,
    written: Vec<Moment>,
    cut_off: Vec<CutOff>,
    also_read: Vec<Moment>,
    refused: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Moment {
    micros: i64,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CutOff {
    #[serde(rename = "note")]
    _note: String,
    micros: i64,
    becomes: i64,
}

#[test]
fn a_moment_is_written_in_utc_with_six_decimals() {
    let golden: Timestamps = golden!("timestamps");
    for case in golden.written {
        let moment = Timestamp::from_micros(case.micros);
        assert_eq!(moment.as_micros(), case.micros);
        assert_eq!(moment.to_string(), case.text);
        assert_eq!(case.text.parse(), Ok(moment));
        assert_eq!(serde_json::to_string(&moment).unwrap(), format!("\"{}\"", case.text));
        assert_eq!(serde_json::from_str::<Timestamp>(&format!("\"{}\"", case.text)).unwrap(), moment);
        assert_eq!(case.text.len(), 27);
    }
    for case in golden.cut_off {
        assert_eq!(Timestamp::from_micros(case.micros).as_micros(), case.becomes);
    }
}

#[test]
fn other_moments_of_rfc_3339_are_read() {
    let golden: Timestamps = golden!("timestamps");
    for case in golden.also_read {
        assert_eq!(case.text.parse(), Ok(Timestamp::from_micros(case.micros)), "{}", case.text);
    }
    for text in golden.refused {
        assert!(text.parse::<Timestamp>().is_err(), "{text:?}");
    }
}
