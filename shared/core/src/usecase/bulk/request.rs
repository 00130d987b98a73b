//! What a client asks for at `POST /v2/sends/bulk`, checked whole: either every recipient can be sent to, or nothing is.

use crate::bulk::{BulkBody, BulkRow, MAX_RECIPIENTS, NotFilled, Template};
use crate::error::{BadItem, Code, Problem};
use crate::media::MediaType;
use crate::phone::Phone;
use crate::send::Schedule;
use crate::usecase::accept_send::parse::{given, media_type, phone, required, schedule, text};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};

/// How many bad recipients are told at most; the rest are counted.
const MAX_TOLD: usize = 1_000;

/// A request to send one text to many, as far as it can be checked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkRequest {
    /// The number to send from.
    pub from: Phone,
    /// What to send to whom.
    pub body: BulkBody,
    /// When to begin, and until when it may be sent.
    pub schedule: Schedule,
}

impl BulkRequest {
    /// Reads the body of `POST /v2/sends/bulk`.
    ///
    /// # Errors
    /// [`Code::MissingParameter`] naming the first field that is absent (or null), before any that says that a field is there but
    /// invalid; [`Code::TooManyRecipients`]; [`Code::InvalidRecipients`] with each recipient that is wrong, by its index, a
    /// thousand of them at most.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, Problem> {
        let (from, kind) = (required(body, "from_number")?, media_type(body, "text")?);
        if kind != MediaType::Text {
            let detail = "media_type: envios em massa são de texto; use text.";
            return Err(Problem::new(Code::InvalidMediaType).because(detail));
        }
        let (content, recipients) = (required(body, "content")?, required(body, "recipients")?);
        let from = phone("from_number", from)?;
        let content = text("content", content, Code::InvalidContent)?;
        let template = Template::parse(content)
            .map_err(|invalid| Problem::new(Code::InvalidContent).because(format!("content: {invalid}")))?;
        let schedule = schedule(body)?;
        let rows = rows(list(recipients)?, &template)?;
        Ok(Self { from, body: BulkBody { text: content.to_owned(), rows }, schedule })
    }
}

fn list(recipients: &Value) -> Result<&[Value], Problem> {
    let refuse = |code: Code, detail: &'static str| Err(Problem::new(code).because(detail));
    match recipients.as_array().map(Vec::as_slice) {
        None => refuse(Code::InvalidParameter, "recipients: deve ser uma lista."),
        Some([]) => refuse(Code::InvalidRecipients, "recipients: envie ao menos um destinatário."),
        Some(all) if all.len() > MAX_RECIPIENTS => Err(Code::TooManyRecipients.into()),
        Some(all) => Ok(all),
    }
}

fn rows(recipients: &[Value], template: &Template) -> Result<Vec<BulkRow>, Problem> {
    let names: Vec<&str> = template.variables().collect();
    let (mut rows, mut bad, mut bad_rows) = (Vec::with_capacity(recipients.len()), Vec::new(), 0);
    for (index, recipient) in recipients.iter().enumerate() {
        match row(recipient, template, &names) {
            Ok(row) => rows.push((index, row)),
            Err(problem) => {
                bad_rows += 1;
                bad.push(BadItem { index, code: problem.code(), detail: problem.description().into_owned() });
            }
        }
    }
    for (index, first) in repeated(&rows) {
        bad_rows += 1;
        let detail = format!("recipients[{index}] repete recipients[{first}]: mesmo número e mesmo texto.");
        bad.push(BadItem { index, code: Code::RepeatedRecipient, detail });
    }
    if bad.is_empty() {
        return Ok(rows.into_iter().map(|(_, row)| row).collect());
    }
    bad.sort_by_key(|item| item.index);
    bad.truncate(MAX_TOLD);
    let first = bad.first().map(|item| item.detail.clone()).unwrap_or_default();
    let all = recipients.len();
    let detail =
        format!("{bad_rows} de {all} destinatários são inválidos; nada foi enviado. O primeiro: {first}");
    Err(Problem::new(Code::InvalidRecipients).because(detail).with_items(bad))
}

/// The rows that say the same to the same number as one before them, and that one.
fn repeated(rows: &[(usize, BulkRow)]) -> Vec<(usize, usize)> {
    let mut seen: HashMap<&BulkRow, usize> = HashMap::with_capacity(rows.len());
    let mut repeated = Vec::new();
    for (index, row) in rows {
        match seen.get(row) {
            Some(first) => repeated.push((*index, *first)),
            None => {
                seen.insert(row, *index);
            }
        }
    }
    repeated
}

/// One recipient. Variables that the text does not name are left out: a list often has more columns than a text needs.
fn row(recipient: &Value, template: &Template, names: &[&str]) -> Result<BulkRow, Problem> {
    let refuse = |code: Code, detail: String| Err(Problem::new(code).because(detail));
    let Some(fields) = recipient.as_object() else {
        return refuse(Code::InvalidParameter, "deve ser um objeto com to_number e variables.".to_owned());
    };
    let to = phone("to_number", required(fields, "to_number")?)?;
    let mut values = BTreeMap::new();
    match given(fields, "variables") {
        None => {}
        Some(Value::Object(variables)) => {
            for name in names {
                let value = match variables.get(*name) {
                    None | Some(Value::Null) => continue,
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Number(number)) => number.to_string(),
                    Some(_) => {
                        let detail = format!("variables.{name}: deve ser um texto ou um número.");
                        return refuse(Code::InvalidParameter, detail);
                    }
                };
                values.insert((*name).to_owned(), value);
            }
        }
        Some(_) => return refuse(Code::InvalidParameter, "variables: deve ser um objeto.".to_owned()),
    }
    let row = BulkRow { to, values };
    match row.text(template) {
        Ok(_) => Ok(row),
        Err(NotFilled::Missing(name)) => {
            refuse(Code::MissingVariable, format!("variables.{name}: o texto pede esta variável."))
        }
        Err(NotFilled::Text) => {
            let detail = "o texto com as variáveis fica vazio, ou passa de 65.536 caracteres.";
            refuse(Code::InvalidContent, detail.to_owned())
        }
    }
}
