//! The names of files.

use crate::phone::Phone;
use std::fmt;

/// A file's name that is safe to show and to write to: one path component without control characters, separators or leading
/// dots, 1 to 200 characters. Accents and spaces stay. `Debug` hides it: names tell of people.
#[derive(Clone, PartialEq, Eq)]
pub struct FileName(String);

impl FileName {
    /// The most characters a name keeps; a longer one loses its middle, never its extension.
    pub const MAX_CHARS: usize = 200;

    /// Makes a safe name of whatever a client called its file: `../../etc/passwd` becomes `passwd`. `None` when nothing is
    /// left.
    pub fn sanitised(name: &str) -> Option<Self> {
        let last = name.rsplit(['/', '\\']).find(|part| !part.trim_matches(['.', ' ']).is_empty())?;
        let kept: String = last.chars().filter(|c| !is_hostile(*c)).collect();
        let kept = kept.trim().trim_start_matches('.').trim();
        (!kept.is_empty()).then(|| Self(shortened(kept)))
    }

    /// What a file of ours about a number is called: `<kind>-<digits>.<extension>`.
    pub(crate) fn about(kind: &'static str, number: &Phone, extension: &'static str) -> Self {
        Self(format!("{kind}-{}.{extension}", number.digits()))
    }

    /// What a document is called where it is shown: as the client called it, else `documento`, with the usual extension of
    /// its media type where it has none of its own.
    pub fn of_document(given: Option<&FileName>, mime: &str) -> Self {
        let stem = given.map_or("documento", FileName::as_str);
        match super::extension_of(mime).filter(|_| given.and_then(FileName::extension).is_none()) {
            Some(extension) => Self(shortened(&format!("{}.{extension}", stem.trim_end_matches('.')))),
            None => Self(stem.to_owned()),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the last dot, in lower case.
    pub fn extension(&self) -> Option<String> {
        let (stem, extension) = self.0.rsplit_once('.')?;
        (!stem.is_empty() && !extension.is_empty()).then(|| extension.to_lowercase())
    }
}

/// Control characters, those that turn the direction of text around (`cod.exe` shown as `exe.doc`), and those that file
/// systems refuse.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || matches!(c, '<' | '>' | ':' | '"' | '|' | '?' | '*')
}

fn shortened(name: &str) -> String {
    let count = name.chars().count();
    if count <= FileName::MAX_CHARS {
        return name.to_owned();
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension).unwrap_or_default();
    let extension =
        if (1..=16).contains(&extension.chars().count()) { format!(".{extension}") } else { String::new() };
    let stem: String = name.chars().take(FileName::MAX_CHARS - extension.chars().count()).collect();
    format!("{}{extension}", stem.trim_end())
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FileName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Option<String> {
        FileName::sanitised(text).map(|name| name.as_str().to_owned())
    }

    #[test]
    fn a_name_of_ours_is_one_that_could_have_been_given() {
        let name = FileName::about("envios", &"5511988887777".parse().unwrap(), "csv");
        assert_eq!(name.as_str(), "envios-5511988887777.csv");
        assert_eq!(FileName::sanitised(name.as_str()), Some(name));
    }

    #[test]
    fn hostile_names_come_out_safe_and_usual_ones_unchanged() {
        for (given, safe) in [
            ("Relatório de março (1).pdf", "Relatório de março (1).pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\eu\\nota.docx", "nota.docx"),
            (".htaccess", "htaccess"),
            ("a/../", "a"),
            ("fatura\u{202e}fdp.exe", "faturafdp.exe"),
            ("a\r\nContent-Type: x.pdf", "aContent-Type x.pdf"),
        ] {
            assert_eq!(name(given).as_deref(), Some(safe), "{given:?}");
        }
        for nothing in ["", ".", "..", "/", "../..", " . ", "\u{0}"] {
            assert_eq!(name(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn a_long_name_keeps_its_extension() {
        let long = name(&format!("{}.pdf", "á".repeat(500))).unwrap();
        assert_eq!((long.chars().count(), long.ends_with("á.pdf")), (FileName::MAX_CHARS, true));
        assert_eq!(FileName::sanitised("A.Tar.GZ").unwrap().extension().as_deref(), Some("gz"));
    }

    #[test]
    fn a_document_without_a_name_or_an_extension_gets_one() {
        let named = |given: Option<&str>, mime: &str| {
            let given = given.and_then(FileName::sanitised);
            FileName::of_document(given.as_ref(), mime).as_str().to_owned()
        };
        assert_eq!(named(None, "application/pdf"), "documento.pdf");
        assert_eq!(named(None, "application/octet-stream"), "documento");
        assert_eq!(named(Some("relatório"), "application/pdf"), "relatório.pdf");
        assert_eq!(named(Some("relatório."), "application/pdf"), "relatório.pdf");
        assert_eq!(named(Some("relatório.doc"), "application/pdf"), "relatório.doc");
        assert_eq!(named(Some("relatório"), "application/octet-stream"), "relatório");
        let long = named(Some(&"á".repeat(500)), "application/pdf");
        assert_eq!((long.chars().count(), long.ends_with("á.pdf")), (FileName::MAX_CHARS, true));
    }

    proptest! {
        #[test]
        fn what_comes_out_is_one_safe_component(text in any::<String>()) {
            if let Some(name) = name(&text) {
                prop_assert!(!name.contains(['/', '\\', '\0', '\n', '\r', '"']) && !name.starts_with('.'));
                prop_assert!((1..=FileName::MAX_CHARS).contains(&name.chars().count()));
                prop_assert_eq!(FileName::sanitised(&name).map(|again| again.0), Some(name));
            }
        }
    }
}
