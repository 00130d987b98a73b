//! What an export is written as.

use crate::media::FileName;
use crate::report::{CsvText, Separator, Subject};

/// What an export is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportForm {
    /// A row for each send.
    Csv(Separator),
    /// Counts by status and by day, as JSON.
    Summary,
}

impl ExportForm {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            ExportForm::Csv(Separator::Semicolon) => "csv;",
            ExportForm::Csv(Separator::Comma) => "csv,",
            ExportForm::Summary => "summary",
        }
    }

    /// Reads what [`ExportForm::as_str`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        [ExportForm::Csv(Separator::Semicolon), ExportForm::Csv(Separator::Comma), ExportForm::Summary]
            .into_iter()
            .find(|form| form.as_str() == text)
    }

    /// What a file of this form about this subject is called.
    pub fn file_name(self, subject: &Subject) -> FileName {
        let (kind, extension) = match self {
            ExportForm::Csv(_) => ("envios", "csv"),
            ExportForm::Summary => ("resumo", "json"),
        };
        FileName::about(kind, &subject.number, extension)
    }

    /// The content type of such a file.
    pub fn content_type(self) -> &'static str {
        match self {
            ExportForm::Csv(_) => CsvText::CONTENT_TYPE,
            ExportForm::Summary => "application/json",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_reads_back() {
        for form in
            [ExportForm::Csv(Separator::Semicolon), ExportForm::Csv(Separator::Comma), ExportForm::Summary]
        {
            assert_eq!(ExportForm::from_stored(form.as_str()), Some(form));
        }
    }
}
