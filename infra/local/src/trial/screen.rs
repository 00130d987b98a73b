//! What `try` shows: requests, answers, a QR.

use crate::error::{Error, While};
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use serde_json::Value;
use std::io::{IsTerminal, Write};

/// A longer string is cut to this many characters.
const LONG: usize = 72;

const BOLD: &str = "1";
const DIM: &str = "2";
const GREEN: &str = "32";
const CYAN: &str = "36";

/// Writes to the terminal, in colour where it has any.
pub struct Screen {
    out: Box<dyn Write + Send>,
    colour: bool,
    step: u32,
}

impl Screen {
    /// Standard output.
    pub fn terminal() -> Self {
        let colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { out: Box::new(std::io::stdout()), colour, step: 0 }
    }

    /// Any other place, without colour.
    pub fn plain(out: impl Write + Send + 'static) -> Self {
        Self { out: Box::new(out), colour: false, step: 0 }
    }

    /// The next step begins.
    pub(super) fn step(&mut self, what: &str) {
        self.step += 1;
        let heading = format!("{}. {what}", self.step);
        let heading = self.painted(BOLD, &heading);
        self.line(&format!("\n{heading}"));
    }

    /// What a person would say about it.
    pub(super) fn note(&mut self, what: &str) {
        self.line(&format!("  {what}"));
    }

    /// Something that was waited for.
    pub(super) fn good(&mut self, what: &str) {
        let mark = self.painted(GREEN, "✓");
        self.line(&format!("  {mark} {what}"));
    }

    /// A request as it is sent. The values of headers are secrets, so they are cut.
    pub(super) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) {
        let first = self.painted(CYAN, &format!("→ {method} {path}"));
        self.line(&format!("  {first}"));
        for (name, value) in headers {
            let header = self.painted(DIM, &format!("{name}: {}", cut(value, 28)));
            self.line(&format!("    {header}"));
        }
        if let Some(body) = body {
            self.json(body);
        }
    }

    /// An answer as it came.
    pub(super) fn answer(&mut self, status: u16, body: &Value) {
        let first = self.painted(CYAN, &format!("← {status}"));
        self.line(&format!("  {first}"));
        self.json(body);
    }

    /// A QR, dark on light whatever the terminal's colours.
    pub(super) fn qr(&mut self, text: &str) -> Result<(), Error> {
        let code = QrCode::with_error_correction_level(text, qrcode::EcLevel::L).or_cannot("draw the QR")?;
        let drawn = code
            .render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .quiet_zone(true)
            .build();
        for line in drawn.lines() {
            self.line(&format!("  {line}"));
        }
        Ok(())
    }

    fn json(&mut self, body: &Value) {
        for line in format!("{:#}", shortened(body)).lines() {
            let line = self.painted(DIM, line);
            self.line(&format!("    {line}"));
        }
    }

    fn painted(&self, colour: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A terminal that is gone is no reason to fail.
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{text}");
        let _ = self.out.flush();
    }
}

/// The same, with long strings cut.
fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(cut(text, LONG)),
        Value::Array(items) => Value::Array(items.iter().map(shortened).collect()),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), shortened(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

fn cut(text: &str, long: usize) -> String {
    if text.chars().count() <= long {
        return text.to_owned();
    }
    format!("{}… ({} characters)", text.chars().take(long / 2).collect::<String>(), text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn long_strings_and_credentials_are_cut() {
        let paper = Paper::default();
        let mut screen = Screen::plain(paper.clone());
        let token = "x".repeat(48);
        screen.request(
            "POST",
            "/v2/sends",
            &[("token", &token)],
            Some(&json!({"a": "y".repeat(100), "b": [1]})),
        );
        let shown = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(shown.contains("→ POST /v2/sends") && shown.contains("(48 characters)"), "{shown}");
        assert!(!shown.contains(&token) && !shown.contains(&"y".repeat(100)), "{shown}");
    }

    #[test]
    fn a_qr_is_drawn() {
        let paper = Paper::default();
        Screen::plain(paper.clone()).qr("2@abc,def").unwrap();
        let shown = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(shown.lines().count() > 10 && shown.contains('█'), "{shown}");
    }
}
