//! Whether numbers are on WhatsApp, in either of their forms.

use crate::error::QueryError;
use crate::resolution::{Detail, Resolution, resolve};
use carteiro_core::chat::{Address, Person};
use carteiro_core::phone::Phone;
use carteiro_core::query::{Answer, QueryFailure, Validation};
use whatsapp_rust::Client;

/// Asks for all forms of all numbers in one question.
pub(super) async fn validate(client: &Client, numbers: &[Phone]) -> Result<Answer, QueryFailure> {
    let answers = resolve(client, &Resolution::forms(numbers), Detail::Business).await.map_err(failure)?;
    let numbers = numbers.iter().map(|number| validation(number, &answers)).collect();
    Ok(Answer::Validated { numbers })
}

fn validation(asked: &Phone, answers: &[Resolution]) -> Validation {
    let found = Resolution::of(asked, answers);
    let address = |address: Option<&crate::WhatsAppAddress>| {
        address.and_then(|address| address.to_string().parse::<Address>().ok())
    };
    let person = found.and_then(|found| {
        let number = address(found.address.as_ref())?;
        Some(Person::new(number, address(found.lid.as_ref())))
    });
    Validation { asked: asked.clone(), person, business: found.is_some_and(|found| found.business) }
}

fn failure(error: QueryError) -> QueryFailure {
    match error {
        QueryError::NotConnected => QueryFailure::NotConnected,
        QueryError::Refused(code) => QueryFailure::Refused { code },
        QueryError::TimedOut => QueryFailure::TimedOut,
        QueryError::Failed => QueryFailure::Internal,
    }
}
