//! Why a send failed.

use std::fmt;

/// Why a send is `falha`: a stable code for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The recipient is not on WhatsApp, with neither form of the ninth digit.
    NotOnWhatsApp,
    /// Its time to be sent ran out, the number not being connected or the queue too long.
    Expired,
    /// The sending number is no longer a worker of the tenant.
    NotAWorker,
    /// The tenant's plan no longer allows this media type.
    PlanForbids,
    /// The number's session was removed, or its tenant was.
    NumberRemoved,
    /// The file could not be fetched: its host did not answer as it must, or not in time.
    MediaUnreachable,
    /// The file's address leads to where we do not fetch from: a private, local or reserved network.
    MediaForbidden,
    /// The file is larger than WhatsApp takes for its kind, or empty.
    MediaSize,
    /// The file is not what it is to be sent as, or in a format that cannot be read.
    MediaFormat,
    /// The uploaded file is gone: it was never uploaded, or too long ago.
    MediaGone,
    /// WhatsApp did not take the file.
    MediaRefused,
    /// The message to send on is not stored, or not any more.
    ForwardGone,
    /// The message to send on is of a kind that cannot be.
    ForwardUnsupported,
    /// The number is not in the group.
    NotInGroup,
    /// WhatsApp's server refused the message with this code (the `error` of its ack, such as 463 or 479).
    Refused(u32),
}

impl Failure {
    /// As `error_code` spells it: `WHATSAPP_463` for a refusal.
    pub fn code(&self) -> String {
        match self {
            Failure::NotOnWhatsApp => "NOT_ON_WHATSAPP".into(),
            Failure::Expired => "SEND_EXPIRED".into(),
            Failure::NotAWorker => "NOT_A_WORKER".into(),
            Failure::PlanForbids => "PLAN_FORBIDS_MEDIA".into(),
            Failure::NumberRemoved => "NUMBER_REMOVED".into(),
            Failure::MediaUnreachable => "MEDIA_UNREACHABLE".into(),
            Failure::MediaForbidden => "MEDIA_FORBIDDEN_ADDRESS".into(),
            Failure::MediaSize => "MEDIA_SIZE".into(),
            Failure::MediaFormat => "MEDIA_FORMAT".into(),
            Failure::MediaGone => "MEDIA_GONE".into(),
            Failure::MediaRefused => "MEDIA_REFUSED".into(),
            Failure::ForwardGone => "FORWARD_GONE".into(),
            Failure::ForwardUnsupported => "FORWARD_UNSUPPORTED".into(),
            Failure::NotInGroup => "NOT_IN_GROUP".into(),
            Failure::Refused(code) => format!("WHATSAPP_{code}"),
        }
    }

    /// Reads what [`Failure::code`] wrote.
    pub fn from_stored(code: &str) -> Option<Self> {
        match code {
            "NOT_ON_WHATSAPP" => Some(Failure::NotOnWhatsApp),
            "SEND_EXPIRED" => Some(Failure::Expired),
            "NOT_A_WORKER" => Some(Failure::NotAWorker),
            "PLAN_FORBIDS_MEDIA" => Some(Failure::PlanForbids),
            "NUMBER_REMOVED" => Some(Failure::NumberRemoved),
            "MEDIA_UNREACHABLE" => Some(Failure::MediaUnreachable),
            "MEDIA_FORBIDDEN_ADDRESS" => Some(Failure::MediaForbidden),
            "MEDIA_SIZE" => Some(Failure::MediaSize),
            "MEDIA_FORMAT" => Some(Failure::MediaFormat),
            "MEDIA_GONE" => Some(Failure::MediaGone),
            "MEDIA_REFUSED" => Some(Failure::MediaRefused),
            "FORWARD_GONE" => Some(Failure::ForwardGone),
            "FORWARD_UNSUPPORTED" => Some(Failure::ForwardUnsupported),
            "NOT_IN_GROUP" => Some(Failure::NotInGroup),
            other => other.strip_prefix("WHATSAPP_")?.parse().ok().map(Failure::Refused),
        }
    }
}

impl fmt::Display for Failure {
    /// The sentence that the API's `reason` carries, in Portuguese.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::NotOnWhatsApp => f.write_str("O destinatário não está no WhatsApp."),
            Failure::Expired => f.write_str("O prazo de envio terminou antes que o número pudesse enviar."),
            Failure::NotAWorker => f.write_str("O número remetente não é mais um worker deste usuário."),
            Failure::PlanForbids => f.write_str("O plano não permite mais este tipo de mídia."),
            Failure::NumberRemoved => f.write_str("O número remetente foi removido."),
            Failure::MediaUnreachable => f.write_str("O arquivo não pôde ser baixado do endereço informado."),
            Failure::MediaForbidden => f.write_str("O endereço do arquivo leva a uma rede não permitida."),
            Failure::MediaSize => {
                f.write_str("O arquivo está vazio ou é grande demais para este tipo de mídia.")
            }
            Failure::MediaFormat => {
                f.write_str("O arquivo não é do tipo informado, ou o formato não é suportado.")
            }
            Failure::MediaGone => f.write_str("O arquivo enviado não existe ou já expirou."),
            Failure::MediaRefused => f.write_str("O WhatsApp não aceitou o arquivo."),
            Failure::ForwardGone => f.write_str("A mensagem a encaminhar não existe mais."),
            Failure::ForwardUnsupported => f.write_str("Uma mensagem deste tipo não pode ser encaminhada."),
            Failure::NotInGroup => f.write_str("O número remetente não participa do grupo."),
            Failure::Refused(463) => {
                f.write_str("O WhatsApp restringiu conversas novas para este número (código 463).")
            }
            Failure::Refused(code) => write!(f, "O WhatsApp recusou a mensagem (código {code})."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_read_back() {
        use Failure::*;
        let of_media = [MediaUnreachable, MediaForbidden, MediaSize, MediaFormat, MediaGone, MediaRefused];
        let of_chats = [ForwardGone, ForwardUnsupported, NotInGroup];
        let others = [NotOnWhatsApp, Expired, NotAWorker, PlanForbids, NumberRemoved, Refused(463)];
        for failure in others.into_iter().chain(of_media).chain(of_chats) {
            assert_eq!(Failure::from_stored(&failure.code()), Some(failure));
        }
        assert_eq!(Failure::from_stored("WHATSAPP_x"), None);
    }
}
