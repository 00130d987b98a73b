//! The report as CSV.

use super::item::Item;
use std::str::FromStr;

/// What stands between the fields of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Separator {
    /// `;`: what Excel reads where the decimal sign is a comma, as in Brazil. A double click opens the file in columns.
    #[default]
    Semicolon,
    /// `,`: as RFC 4180 has it.
    Comma,
}

/// What was given is no separator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not one of semicolon, comma")]
pub struct InvalidSeparator;

impl Separator {
    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Separator::Semicolon => "semicolon",
            Separator::Comma => "comma",
        }
    }

    fn byte(self) -> u8 {
        match self {
            Separator::Semicolon => b';',
            Separator::Comma => b',',
        }
    }
}

impl FromStr for Separator {
    type Err = InvalidSeparator;

    fn from_str(text: &str) -> Result<Self, InvalidSeparator> {
        [Separator::Semicolon, Separator::Comma]
            .into_iter()
            .find(|separator| separator.as_str() == text)
            .ok_or(InvalidSeparator)
    }
}

/// Tells Excel that what follows is UTF-8; without it accents come out wrong.
const BOM: &str = "\u{feff}";

/// A report as CSV in the making, in UTF-8: lines end in CRLF and fields are quoted as RFC 4180 has it.
///
/// A text that a spreadsheet would take for a formula, beginning with `=`, `+`, `-` or `@` (full-width ones too), is written
/// with an apostrophe before it: whoever gets a message to send could else have the spreadsheet of whoever reads the report
/// run it. A client that needs the exact text reads the report as JSON.
pub struct CsvText {
    bytes: Vec<u8>,
    separator: Separator,
}

impl CsvText {
    /// Its content type.
    pub const CONTENT_TYPE: &str = "text/csv; charset=utf-8";

    /// The beginning of a file: the names of the fields.
    pub fn with_header(separator: Separator) -> Self {
        let mut text = Self { bytes: BOM.into(), separator };
        text.record(Item::FIELDS);
        text
    }

    /// What goes on a file that has begun.
    pub fn going_on(separator: Separator) -> Self {
        Self { bytes: Vec::new(), separator }
    }

    /// Adds the row of a send. Answers how many bytes the row takes in a JSON string, which is how a function answers it.
    pub fn push(&mut self, item: &Item) -> usize {
        let before = self.bytes.len();
        let fields = item.fields();
        match is_formula(fields[Item::MESSAGE]) {
            true => {
                let message = format!("'{}", fields[Item::MESSAGE]);
                let mut fields = fields;
                fields[Item::MESSAGE] = &message;
                self.record(fields);
            }
            false => self.record(fields),
        }
        super::item::json_size(&self.bytes[before..])
    }

    fn record(&mut self, fields: [&str; Item::FIELDS.len()]) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(self.separator.byte())
            .terminator(csv::Terminator::CRLF)
            // A row at a time: what is written goes on at once to the bytes that are counted.
            .buffer_capacity(1 << 10)
            .from_writer(&mut self.bytes);
        let (Ok(()), Ok(())) = (writer.write_record(fields), writer.flush()) else {
            unreachable!("memory takes what is written to it")
        };
    }

    /// How many bytes it has.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written since it was taken last.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes what was written so far.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

/// Whether a spreadsheet may take a text for a formula. What white space stands before does not count: some strip it.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches(|c: char| c.is_whitespace() || c.is_control()).chars().next();
    matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{SendId, UserId};
    use crate::send::{Send, Text};
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn item(message: &str) -> Item {
        let text = Text::parse(message.into()).unwrap();
        let number = |digits: &str| digits.parse().unwrap();
        let (id, user) = (SendId::from_random([1; 16]), UserId::from_random([2; 16]));
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        let send = Send::of_text(id, user, number("5511988887777"), number("5511966665555"), text, at);
        Item::new(&send, &TimeZone::get("America/Sao_Paulo").unwrap())
    }

    fn written(message: &str, separator: Separator) -> String {
        let mut csv = CsvText::with_header(separator);
        csv.push(&item(message));
        String::from_utf8(csv.take()).unwrap()
    }

    #[test]
    fn a_file_is_what_excel_in_brazil_opens() {
        let rest = "na fila;;;;14/11/2023, 19:13:20;;;;;15/11/2023, 19:13:20\r\n";
        let expected = format!(
            "\u{feff}send_id;from_number;to_number;message;message_type;status;error_code;reason;waiting;date_time_queue;\
             date_time_send;date_time_delivered;date_time_read;date_time_scheduled;date_time_expires\r\n\
             01010101-0101-4101-8101-010101010101;5511988887777;5511966665555;\"Olá; \"\"você\"\"\nvem?\";text;{rest}"
        );
        assert_eq!(written("Olá; \"você\"\nvem?", Separator::Semicolon), expected);
        let commas = written("a;b", Separator::Comma);
        assert!(
            commas
                .ends_with(",a;b,text,na fila,,,,\"14/11/2023, 19:13:20\",,,,,\"15/11/2023, 19:13:20\"\r\n"),
            "{commas}"
        );
    }

    #[test]
    fn formulas_are_disarmed() {
        for text in
            ["=1+1", "+55", "-1", "@SUM(A1)", "\t=1", "\r\n=1", " =1", "\u{0}=1", "＝1", "=cmd|' /C calc'!A0"]
        {
            let csv = written(text, Separator::Semicolon);
            let message = read(&csv, Separator::Semicolon)[1][Item::MESSAGE].clone();
            assert_eq!(message, format!("'{text}"));
        }
        for text in ["1+1", "a=b", "'=1", "é"] {
            let csv = written(text, Separator::Semicolon);
            assert_eq!(read(&csv, Separator::Semicolon)[1][Item::MESSAGE], text);
        }
    }

    fn read(csv: &str, separator: Separator) -> Vec<Vec<String>> {
        let text = csv.strip_prefix(BOM).unwrap();
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator.byte())
            .has_headers(false)
            .flexible(false)
            .from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    proptest! {
        #[test]
        fn whatever_is_written_reads_back(message in any::<String>(), comma: bool) {
            prop_assume!(Text::parse(message.clone()).is_ok());
            let separator = if comma { Separator::Comma } else { Separator::Semicolon };
            let csv = written(&message, separator);
            prop_assert!(!csv.trim_start_matches(BOM).split(['\r', '\n', ';', ',']).any(is_formula) || message.contains([';', ',', '\r', '\n']));
            let rows = read(&csv, separator);
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!(&rows[0], &Item::FIELDS.map(str::to_owned));
            let shown = &rows[1][Item::MESSAGE];
            prop_assert_eq!(shown.strip_prefix('\'').filter(|_| is_formula(&message)).unwrap_or(shown), &message);
        }
    }

    #[test]
    fn separators_read_back() {
        for separator in [Separator::Semicolon, Separator::Comma] {
            assert_eq!(separator.as_str().parse(), Ok(separator));
        }
        assert_eq!(";".parse::<Separator>(), Err(InvalidSeparator));
    }
}
