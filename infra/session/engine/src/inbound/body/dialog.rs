//! What businesses ask by buttons, lists and templates, and what people choose: as texts, or as the files above them.

use super::{Said, file, place};
use carteiro_core::chat::{Attachment, Body};
use waproto::whatsapp::__buffa::oneof::message::buttons_message::Header as ButtonsHeader;
use waproto::whatsapp::__buffa::oneof::message::buttons_response_message::Response;
use waproto::whatsapp::__buffa::oneof::message::interactive_message::header::Media;
use waproto::whatsapp::__buffa::oneof::message::template_message::Format;
use waproto::whatsapp::__buffa::oneof::message::template_message::hydrated_four_row_template::Title;
use waproto::whatsapp::Message;
use waproto::whatsapp::message::template_message::HydratedFourRowTemplate;
use waproto::whatsapp::message::{
    ButtonsMessage, ButtonsResponseMessage, HighlyStructuredMessage, InteractiveMessage, ListMessage,
    ListResponseMessage, TemplateMessage,
};

/// What such a message says.
pub(super) fn said(message: &Message) -> Option<Said<'_>> {
    if let Some(asked) = message.buttons_message.as_option() {
        return Some(Said::new(buttons(asked), &asked.context_info));
    }
    if let Some(asked) = message.list_message.as_option() {
        return Some(Said::new(list(asked), &asked.context_info));
    }
    if let Some(asked) = message.template_message.as_option() {
        return Some(Said::new(template(asked), &asked.context_info));
    }
    if let Some(asked) = message.interactive_message.as_option() {
        return Some(Said::new(interactive(asked), &asked.context_info));
    }
    if let Some(asked) = message.highly_structured_message.as_option() {
        return Some(Said { body: structured(asked), context: None });
    }
    if let Some(chosen) = message.buttons_response_message.as_option() {
        return Some(Said::new(button_chosen(chosen), &chosen.context_info));
    }
    if let Some(chosen) = message.list_response_message.as_option() {
        return Some(Said::new(row_chosen(chosen), &chosen.context_info));
    }
    if let Some(chosen) = message.template_button_reply_message.as_option() {
        let body = lines([chosen.selected_display_text.as_deref().or(chosen.selected_id.as_deref())]);
        return Some(Said::new(body, &chosen.context_info));
    }
    let chosen = message.interactive_response_message.as_option()?;
    Some(Said::new(lines([chosen.body.text.as_deref()]), &chosen.context_info))
}

/// A text of the lines that are there.
fn lines<'a>(lines: impl IntoIterator<Item = Option<&'a str>>) -> Body {
    Body::Text { text: joined(lines) }
}

fn joined<'a>(lines: impl IntoIterator<Item = Option<&'a str>>) -> String {
    lines.into_iter().flatten().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A file with the lines under it.
fn captioned(file: Attachment, caption: String) -> Body {
    Body::Media(Attachment {
        caption: Some(caption).filter(|text| !text.is_empty()).or(file.caption),
        ..file
    })
}

fn buttons(asked: &ButtonsMessage) -> Body {
    let text = joined([asked.content_text.as_deref(), asked.footer_text.as_deref()]);
    match &asked.header {
        Some(ButtonsHeader::DocumentMessage(file)) => captioned(file::document(file), text),
        Some(ButtonsHeader::ImageMessage(file)) => captioned(file::image(file), text),
        Some(ButtonsHeader::VideoMessage(file)) => captioned(file::video(file), text),
        Some(ButtonsHeader::LocationMessage(place)) if text.is_empty() => place::body(place),
        Some(ButtonsHeader::Text(title)) => lines([Some(title.as_str()), Some(&text)]),
        _ => Body::Text { text },
    }
}

fn list(asked: &ListMessage) -> Body {
    lines([asked.title.as_deref(), asked.description.as_deref(), asked.footer_text.as_deref()])
}

fn template(asked: &TemplateMessage) -> Body {
    match &asked.format {
        Some(Format::HydratedFourRowTemplate(rows)) => hydrated(rows),
        Some(Format::InteractiveMessageTemplate(inner)) => interactive(inner),
        Some(Format::FourRowTemplate(rows)) if asked.hydrated_template.is_unset() => {
            structured(&rows.content)
        }
        _ => hydrated(&asked.hydrated_template),
    }
}

fn hydrated(rows: &HydratedFourRowTemplate) -> Body {
    let text = joined([rows.hydrated_content_text.as_deref(), rows.hydrated_footer_text.as_deref()]);
    match &rows.title {
        Some(Title::DocumentMessage(file)) => captioned(file::document(file), text),
        Some(Title::ImageMessage(file)) => captioned(file::image(file), text),
        Some(Title::VideoMessage(file)) => captioned(file::video(file), text),
        Some(Title::LocationMessage(place)) if text.is_empty() => place::body(place),
        Some(Title::HydratedTitleText(title)) => lines([Some(title.as_str()), Some(&text)]),
        _ => Body::Text { text },
    }
}

fn interactive(asked: &InteractiveMessage) -> Body {
    let header = &asked.header;
    let text = joined([
        header.title.as_deref(),
        header.subtitle.as_deref(),
        asked.body.text.as_deref(),
        asked.footer.text.as_deref(),
    ]);
    match &header.media {
        Some(Media::DocumentMessage(file)) => captioned(file::document(file), text),
        Some(Media::ImageMessage(file)) => captioned(file::image(file), text),
        Some(Media::VideoMessage(file)) => captioned(file::video(file), text),
        Some(Media::LocationMessage(place)) if text.is_empty() => place::body(place),
        _ => Body::Text { text },
    }
}

/// The oldest templates, of which only a hydrated copy, or the parameters, can be read.
fn structured(asked: &HighlyStructuredMessage) -> Body {
    match asked.hydrated_hsm.as_option() {
        Some(hydrated) => template(hydrated),
        None => lines(asked.params.iter().map(|param| Some(param.as_str()))),
    }
}

fn button_chosen(chosen: &ButtonsResponseMessage) -> Body {
    match &chosen.response {
        Some(Response::SelectedDisplayText(text)) => lines([Some(text.as_str())]),
        None => lines([chosen.selected_button_id.as_deref()]),
    }
}

fn row_chosen(chosen: &ListResponseMessage) -> Body {
    let shown = joined([chosen.title.as_deref(), chosen.description.as_deref()]);
    if shown.is_empty() {
        return lines([chosen.single_select_reply.selected_row_id.as_deref()]);
    }
    Body::Text { text: shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_core::chat::AttachmentKind;
    use waproto::buffa::MessageField;
    use waproto::whatsapp::message::interactive_message::{Body as Inner, Header};

    fn text(message: &Message) -> String {
        let Body::Text { text } = said(message).unwrap().body else { panic!("not a text") };
        text
    }

    #[test]
    fn buttons_are_read_as_their_text() {
        let asked = ButtonsMessage {
            content_text: Some("Confirma?".into()),
            header: Some(ButtonsHeader::Text("Pedido 7".into())),
            ..ButtonsMessage::default()
        };
        let message = Message { buttons_message: MessageField::some(asked), ..Message::default() };
        assert_eq!(text(&message), "Pedido 7\nConfirma?");
        let chosen = ButtonsResponseMessage {
            selected_button_id: Some("b1".into()),
            response: Some(Response::SelectedDisplayText("Sim".into())),
            ..ButtonsResponseMessage::default()
        };
        let message = Message { buttons_response_message: MessageField::some(chosen), ..Message::default() };
        assert_eq!(text(&message), "Sim");
    }

    #[test]
    fn lists_are_read_as_their_text() {
        let asked = ListMessage {
            title: Some("Cardápio".into()),
            description: Some("Escolha".into()),
            ..ListMessage::default()
        };
        let message = Message { list_message: MessageField::some(asked), ..Message::default() };
        assert_eq!(text(&message), "Cardápio\nEscolha");
        let chosen = ListResponseMessage { title: Some("Pizza".into()), ..ListResponseMessage::default() };
        let message = Message { list_response_message: MessageField::some(chosen), ..Message::default() };
        assert_eq!(text(&message), "Pizza");
    }

    #[test]
    fn templates_with_a_picture_are_pictures_with_a_caption() {
        let rows = HydratedFourRowTemplate {
            hydrated_content_text: Some("Sua fatura".into()),
            title: Some(Title::ImageMessage(Box::default())),
            ..HydratedFourRowTemplate::default()
        };
        let template =
            TemplateMessage { hydrated_template: MessageField::some(rows), ..TemplateMessage::default() };
        let message = Message { template_message: MessageField::some(template), ..Message::default() };
        let Body::Media(file) = said(&message).unwrap().body else { panic!("not a file") };
        assert_eq!((file.kind, file.caption.as_deref()), (AttachmentKind::Image, Some("Sua fatura")));
    }

    #[test]
    fn interactive_messages_are_read_as_their_text() {
        let asked = InteractiveMessage {
            header: MessageField::some(Header { title: Some("Olá".into()), ..Header::default() }),
            body: MessageField::some(Inner { text: Some("Pague aqui".into()) }),
            ..InteractiveMessage::default()
        };
        let message = Message { interactive_message: MessageField::some(asked), ..Message::default() };
        assert_eq!(text(&message), "Olá\nPague aqui");
    }
}
