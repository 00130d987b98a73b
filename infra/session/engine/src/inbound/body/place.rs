//! Places.

use super::Said;
use carteiro_core::chat::Body;
use waproto::whatsapp::Message;
use waproto::whatsapp::message::LocationMessage;

/// What a message with a place says.
pub(super) fn said(message: &Message) -> Option<Said<'_>> {
    if let Some(place) = message.location_message.as_option() {
        return Some(Said::new(body(place), &place.context_info));
    }
    let place = message.live_location_message.as_option()?;
    let body = Body::Location {
        latitude: degrees(place.degrees_latitude),
        longitude: degrees(place.degrees_longitude),
        name: place.caption.clone().filter(|caption| !caption.is_empty()),
        address: None,
        live: true,
    };
    Some(Said::new(body, &place.context_info))
}

/// Degrees as they were told, where they are a number: JSON, in which places are stored, has no other, and what was stored would not be
/// read back.
fn degrees(told: Option<f64>) -> f64 {
    told.filter(|degrees| degrees.is_finite()).unwrap_or_default()
}

pub(super) fn body(place: &LocationMessage) -> Body {
    Body::Location {
        latitude: degrees(place.degrees_latitude),
        longitude: degrees(place.degrees_longitude),
        name: place.name.clone().filter(|name| !name.is_empty()),
        address: place.address.clone().filter(|address| !address.is_empty()),
        live: place.is_live.unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::message::LiveLocationMessage;

    #[test]
    fn places_are_read_standing_and_moving() {
        let place = LocationMessage {
            degrees_latitude: Some(-23.5),
            degrees_longitude: Some(-46.6),
            name: Some("Praça da Sé".into()),
            address: Some("São Paulo".into()),
            jpeg_thumbnail: Some(vec![1; 100]),
            ..LocationMessage::default()
        };
        let standing = Message { location_message: MessageField::some(place), ..Message::default() };
        let expected = Body::Location {
            latitude: -23.5,
            longitude: -46.6,
            name: Some("Praça da Sé".into()),
            address: Some("São Paulo".into()),
            live: false,
        };
        assert_eq!(said(&standing).unwrap().body, expected);
        let place = LiveLocationMessage {
            degrees_latitude: Some(1.0),
            degrees_longitude: Some(2.0),
            ..LiveLocationMessage::default()
        };
        let moving = Message { live_location_message: MessageField::some(place), ..Message::default() };
        let expected =
            Body::Location { latitude: 1.0, longitude: 2.0, name: None, address: None, live: true };
        assert_eq!(said(&moving).unwrap().body, expected);
    }

    #[test]
    fn a_place_that_is_nowhere_can_be_stored_and_read() {
        let (latitude, longitude) = (Some(f64::NAN), Some(f64::NEG_INFINITY));
        let place = LocationMessage {
            degrees_latitude: latitude,
            degrees_longitude: longitude,
            ..LocationMessage::default()
        };
        let standing = Message { location_message: MessageField::some(place), ..Message::default() };
        let place = LiveLocationMessage {
            degrees_latitude: latitude,
            degrees_longitude: longitude,
            ..LiveLocationMessage::default()
        };
        let moving = Message { live_location_message: MessageField::some(place), ..Message::default() };
        for message in [standing, moving] {
            let body = said(&message).unwrap().body;
            let stored = serde_json::to_string(&body).unwrap();
            assert_eq!(serde_json::from_str::<Body>(&stored).unwrap(), body);
        }
    }
}
