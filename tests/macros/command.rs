use annals::Command;

use super::domain::{CancelOrder, PlaceOrder};

fn place() -> PlaceOrder {
    PlaceOrder { order: "A".to_owned(), customer: "C1".to_owned(), total: 7 }
}

#[test]
fn a_command_knows_its_name_and_its_target() {
    assert_eq!((PlaceOrder::NAME, CancelOrder::NAME), ("place_order", "order.cancel"));
    assert_eq!(place().id(), "A");
}

#[test]
fn a_command_survives_its_stored_form() {
    let payload = place().encode().unwrap();
    assert_eq!(payload.data, r#"{"order":"A","customer":"C1","sum":7}"#);
    assert_eq!(PlaceOrder::decode(&payload).unwrap(), place());
    assert!(PlaceOrder::decode(&CancelOrder { order: "A".to_owned() }.encode().unwrap()).is_err());
}

#[test]
fn a_command_is_duplicated_without_being_clone() {
    assert_eq!(place().duplicate(), place());
}
