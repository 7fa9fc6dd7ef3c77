use annals_core::store::{Anchor, Checkpoint, Epoch};
use annals_core::{EventId, LogId, LogPosition, Position, Version};
use serde::Deserialize;
use uuid::Uuid;

use crate::support::golden;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Positions {
    #[serde(rename = "about")]
    _about: String,
    tokens: Vec<Token>,
    refused_tokens: Vec<String>,
    refused_numbers: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    log: u16,
    position: u64,
    token: String,
    json: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoints {
    #[serde(rename = "about")]
    _about: String,
    checkpoints: Vec<Written>,
    refused: Vec<Refused>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    log: u16,
    scanned_to: u64,
    anchor: Option<WrittenAnchor>,
    epoch: String,
    json: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAnchor {
    position: u64,
    event: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refused {
    why: String,
    json: String,
}

#[test]
fn a_log_position_is_a_token_of_two_numbers() {
    let golden: Positions = golden!("positions");
    for case in golden.tokens {
        let position = LogPosition::new(LogId::new(case.log), Position::new(case.position).unwrap());
        assert_eq!(position.to_string(), case.token);
        assert_eq!(case.token.parse(), Ok(position));
        assert_eq!(serde_json::to_string(&position).unwrap(), case.json);
        assert_eq!(serde_json::from_str::<LogPosition>(&case.json).unwrap(), position);
    }
    for token in golden.refused_tokens {
        assert!(token.parse::<LogPosition>().is_err(), "{token:?}");
    }
    for number in golden.refused_numbers {
        assert!(serde_json::from_str::<Position>(&number).is_err(), "{number}");
        assert!(serde_json::from_str::<Version>(&number).is_err(), "{number}");
    }
}

#[test]
fn a_checkpoint_is_json_of_form_1() {
    let golden: Checkpoints = golden!("checkpoints");
    for case in golden.checkpoints {
        let anchor = case.anchor.map(|anchor| Anchor {
            position: Position::new(anchor.position).unwrap(),
            event: anchor.event.parse::<EventId>().unwrap(),
        });
        let epoch = Epoch::from_uuid(case.epoch.parse::<Uuid>().unwrap());
        let checkpoint = Checkpoint::start(LogId::new(case.log), epoch).advanced(Position::new(case.scanned_to).unwrap(), anchor);
        assert_eq!(serde_json::to_string(&checkpoint).unwrap(), case.json);
        assert_eq!(serde_json::from_str::<Checkpoint>(&case.json).unwrap(), checkpoint);
    }
    for case in golden.refused {
        assert!(serde_json::from_str::<Checkpoint>(&case.json).is_err(), "{}", case.why);
    }
}
