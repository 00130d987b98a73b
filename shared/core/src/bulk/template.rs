//! A text with variables.

use crate::send::Text;
use std::collections::BTreeMap;

/// A text in which `{{name}}` stands for what each recipient's variables have under that name.
///
/// A name is 1 to 64 letters, digits, `_`, `-` or `.`; spaces around it do not count. Two braces that begin no such
/// variable are refused rather than sent: nobody means to show them to a customer. What is filled in is taken as it is, braces
/// included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Variable(String),
}

impl std::fmt::Debug for Piece {
    /// What the text says does not show.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Piece::Literal(text) => write!(f, "Literal({} characters)", text.chars().count()),
            Piece::Variable(name) => f.debug_tuple("Variable").field(name).finish(),
        }
    }
}

/// Why a text is no template. Shown to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// It is no text to send: see [`Text`].
    #[error("Envie um texto de 1 a 65.536 caracteres.")]
    Text,
    /// Two braces are not closed by two others.
    #[error("Há um {{{{ sem o }}}} que o fecha.")]
    Unclosed,
    /// What stands between the braces is no name.
    #[error("Entre {{{{ e }}}} vai um nome de 1 a 64 letras, dígitos, _, - ou pontos, como em {{{{nome}}}}.")]
    Name,
    /// It has more variables than may be.
    #[error("O texto tem mais de 100 variáveis.")]
    TooMany,
}

/// Why a template cannot be filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFilled<'a> {
    /// A variable has no value.
    Missing(&'a str),
    /// The text would be empty, or too long: see [`Text`].
    Text,
}

/// How many times variables may stand in a text.
const MAX_VARIABLES: usize = 100;
/// How many characters a variable's name may have.
const MAX_NAME: usize = 64;

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// [`InvalidTemplate`].
    pub fn parse(text: &str) -> Result<Self, InvalidTemplate> {
        if text.trim().is_empty() || text.chars().count() > Text::MAX_CHARS {
            return Err(InvalidTemplate::Text);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            if !before.is_empty() {
                pieces.push(Piece::Literal(before.to_owned()));
            }
            let (name, behind) = after.split_once("}}").ok_or(InvalidTemplate::Unclosed)?;
            let name = name.trim();
            if !is_name(name) {
                return Err(InvalidTemplate::Name);
            }
            pieces.push(Piece::Variable(name.to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        let template = Self { pieces };
        if template.variables().count() > MAX_VARIABLES {
            Err(InvalidTemplate::TooMany)
        } else {
            Ok(template)
        }
    }

    /// The names of its variables, in their order; one that stands there twice comes twice.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Literal(_) => None,
        })
    }

    /// The text for one recipient.
    ///
    /// # Errors
    /// [`NotFilled`].
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<Text, NotFilled<'_>> {
        let mut parts = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            parts.push(match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::Variable(name) => values.get(name).ok_or(NotFilled::Missing(name))?,
            });
        }
        // A character takes four bytes at most. What is far too long is not even put together.
        if parts.iter().map(|part| part.len()).sum::<usize>() > 4 * Text::MAX_CHARS {
            return Err(NotFilled::Text);
        }
        Text::parse(parts.concat()).map_err(|_| NotFilled::Text)
    }
}

/// Whether a variable can be called so.
fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    !text.is_empty() && text.chars().count() <= MAX_NAME && text.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn filled(text: &str, pairs: &[(&str, &str)]) -> String {
        Template::parse(text).unwrap().fill(&values(pairs)).unwrap().as_str().to_owned()
    }

    #[test]
    fn variables_are_filled_in() {
        let pairs = [("nome", "Ana"), ("código", "7"), ("a.b-c_d", "{{nome}}")];
        assert_eq!(filled("Olá, {{nome}}! {{ nome }}: {{código}}", &pairs), "Olá, Ana! Ana: 7");
        assert_eq!(filled("{{a.b-c_d}}", &pairs), "{{nome}}", "what is filled in is not read again");
        assert_eq!(filled("sem {variável} }} nenhuma", &[]), "sem {variável} }} nenhuma");
    }

    #[test]
    fn what_is_no_variable_is_refused() {
        use InvalidTemplate::*;
        let long = format!("{{{{{}}}}}", "n".repeat(65));
        for (text, why) in [
            ("", Text),
            (" \n", Text),
            ("{{nome", Unclosed),
            ("{{nome}", Unclosed),
            ("{{}}", Name),
            ("{{ }}", Name),
            ("{{seu nome}}", Name),
            ("{{#each x}}", Name),
            ("{{a {{b}}", Name),
            ("{{{a}}}", Name),
            (&long, Name),
            (&"{{a}}".repeat(101), TooMany),
            (&"é".repeat(65_537), Text),
        ] {
            assert_eq!(Template::parse(text), Err(why), "{text}");
        }
        assert!(Template::parse(&"{{a}}".repeat(100)).is_ok());
    }

    #[test]
    fn what_is_missing_or_too_long_is_told() {
        let template = Template::parse("{{a}}{{b}}").unwrap();
        assert_eq!(template.fill(&values(&[("a", "x")])), Err(NotFilled::Missing("b")));
        assert_eq!(template.fill(&values(&[("a", " "), ("b", "")])), Err(NotFilled::Text));
        let long = "é".repeat(65_536);
        assert_eq!(template.fill(&values(&[("a", &long), ("b", "é")])), Err(NotFilled::Text));
        assert!(template.fill(&values(&[("a", &long), ("b", "")])).is_ok());
        assert!(!format!("{:?}", Template::parse("segredo {{a}}").unwrap()).contains("segredo"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            if let Ok(template) = Template::parse(&text) && template.variables().next().is_none() {
                let filled = template.fill(&BTreeMap::new()).unwrap();
                prop_assert_eq!(filled.as_str(), text);
            }
        }

        #[test]
        fn each_piece_is_in_its_place(pieces in prop::collection::vec(("[a-zé{ ]?[a-z ]{0,9}[a-z]", "[a-z]{1,3}", ".{0,20}"), 1..20)) {
            // The last of the values of one name is the one that holds.
            let given: BTreeMap<String, String> =
                pieces.iter().map(|(_, name, value)| (name.clone(), value.clone())).collect();
            let text: String = pieces.iter().map(|(before, name, _)| format!("{before}{{{{{name}}}}}")).collect();
            let expected: String = pieces.iter().map(|(before, name, _)| format!("{before}{}", given[name])).collect();
            let template = Template::parse(&text).unwrap();
            let filled = template.fill(&given).unwrap();
            prop_assert_eq!(filled.as_str(), expected);
        }
    }
}
