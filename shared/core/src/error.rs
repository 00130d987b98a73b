//! The one catalogue of what can go wrong in an answer: for each a stable code, a message in Portuguese and what to do about
//! it. The documentation's table is made from it; the HTTP status of each stands in `shared/http`.

use crate::ports::Unavailable;
use jiff::SignedDuration;
use std::borrow::Cow;
use std::fmt;

macro_rules! catalogue {
    ($($variant:ident, $code:literal, $message:literal, $remedy:literal;)*) => {
        /// What went wrong, as a client's `code` tells it. Codes are stable: they are never renamed, and never mean anything else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(
                #[doc = concat!("`", $code, "`: ", $message)]
                $variant,
            )*
        }

        impl Code {
            /// All of them, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code itself.
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $code,)* }
            }

            /// What happened, in Portuguese.
            pub fn message(self) -> &'static str {
                match self { $(Code::$variant => $message,)* }
            }

            /// What the client can do about it, in Portuguese.
            pub fn remedy(self) -> &'static str {
                match self { $(Code::$variant => $remedy,)* }
            }
        }
    };
}

catalogue! {
    MissingParameter, "MISSING_PARAMETER", "Parâmetro obrigatório ausente.", "Envie o parâmetro que falta.";
    MalformedBody, "MALFORMED_BODY", "Requisição mal formada.", "Envie no corpo um objeto JSON válido, em UTF-8.";
    MalformedQuery, "MALFORMED_QUERY", "Requisição mal formada.", "Envie cada parâmetro da URL uma só vez.";

    Unauthenticated, "UNAUTHENTICATED", "Não autenticado.", "Envie um JWT válido em Authorization: Bearer, ou o token da API em token.";
    WrongCredentials, "WRONG_CREDENTIALS", "Login ou senha incorretos.", "Confira o login e a senha.";
    OperatorOnly, "OPERATOR_ONLY", "Token de administração inválido ou ausente.", "Envie o token de administração em api-token.";

    NotYourWorker, "NOT_YOUR_WORKER", "O número não é um worker deste usuário.", "Cadastre o número como worker em /v2/numbers/add.";
    PlanForbidsMedia, "PLAN_FORBIDS_MEDIA", "O plano não permite este tipo de mídia.", "Envie um tipo que o plano permita, ou mude de plano.";
    PlanSendsLimit, "PLAN_SENDS_LIMIT", "O limite de envios por dia do plano foi atingido.", "Aguarde o próximo dia, ou mude de plano.";
    ScopeForbids, "SCOPE_FORBIDS", "O token não tem permissão para esta rota.", "Use um token com o escopo necessário.";
    PlanWorkerLimit, "PLAN_WORKER_LIMIT", "O plano não permite mais workers.", "Remova um worker, ou mude de plano.";
    PlanPaceLimit, "PLAN_PACE_LIMIT", "O plano não permite um ritmo maior.", "Use valores até os do plano, que GET /v2/numbers/pace mostra, ou mude de plano.";
    FrontOnly, "FRONT_ONLY", "Este endereço não atende diretamente.", "Use o endereço público da API.";

    RouteNotFound, "ROUTE_NOT_FOUND", "Rota não encontrada.", "Confira o caminho na documentação.";
    NumberNotFound, "NUMBER_NOT_FOUND", "Número não encontrado.", "Consulte os números cadastrados em GET /v2/numbers.";
    SendNotFound, "SEND_NOT_FOUND", "Envio não encontrado.", "Confira o send_id.";
    UploadNotFound, "UPLOAD_NOT_FOUND", "Arquivo enviado não encontrado.", "Envie o arquivo com o formulário de POST /v2/uploads e use o upload_id antes que expire.";
    TokenNotFound, "TOKEN_NOT_FOUND", "Token não encontrado.", "Consulte os tokens em GET /v2/tokens.";
    UserNotFound, "USER_NOT_FOUND", "Usuário não encontrado.", "Consulte os usuários em GET /v2/operator/users.";
    ExportNotFound, "EXPORT_NOT_FOUND", "Relatório não encontrado.", "Confira o endereço, ou peça o relatório de novo.";
    PrivacyNotFound, "PRIVACY_NOT_FOUND", "Operação de privacidade não encontrada.", "Confira o operation_id.";
    BulkNotFound, "BULK_NOT_FOUND", "Operação não encontrada.", "Confira o operation_id.";
    WebhookNotFound, "WEBHOOK_NOT_FOUND", "Webhook não encontrado.", "Cadastre um webhook com PUT /v2/webhooks.";
    DeliveryNotFound, "DELIVERY_NOT_FOUND", "Entrega não encontrada entre as que falharam.", "Consulte as que falharam em GET /v2/webhooks/deliveries?status=falha.";
    MethodNotAllowed, "METHOD_NOT_ALLOWED", "Método não permitido nesta rota.", "Use um dos métodos do cabeçalho Allow.";

    LoginTaken, "LOGIN_TAKEN", "Este login já existe.", "Escolha outro login.";
    PhoneTaken, "PHONE_TAKEN", "Este número já pertence a outra conta.", "Use outro número, ou entre na conta que já existe.";
    AccountExists, "ACCOUNT_EXISTS", "Esta conta já existe.", "Entre com otp_type igual a login.";
    WorkerTaken, "WORKER_TAKEN", "Este número já é worker de outro usuário.", "Remova o número da outra conta antes de cadastrá-lo nesta.";
    NumbersChanged, "NUMBERS_CHANGED", "Os números foram alterados por outra requisição.", "Tente de novo.";
    NumberBusy, "NUMBER_BUSY", "A sessão anterior deste número ainda está sendo encerrada.", "Tente de novo em alguns segundos.";
    LinkFailed, "LINK_FAILED", "O número não pôde ser conectado ao WhatsApp.", "Leia description e tente conectar de novo.";
    SessionNotVerified, "SESSION_NOT_VERIFIED", "Esta sessão não está verificada.", "Conecte a sessão em /{sessao}/autenticacao e leia o qrcode.";
    OwnNumber, "OWN_NUMBER", "O número é um worker deste usuário.", "Remova o número em DELETE /v2/numbers: as conversas dele são apagadas com a sessão. Depois peça de novo, para apagar os envios.";
    SendNotCancellable, "SEND_NOT_CANCELLABLE", "O envio não pode mais ser cancelado.", "Só um envio na fila pode ser cancelado.";
    BulkIsOver, "BULK_IS_OVER", "A operação já terminou.", "Crie outra operação para o que falta enviar.";
    WebhookStopped, "WEBHOOK_STOPPED", "O webhook está parado: respondeu 410.", "Cadastre-o de novo com PUT /v2/webhooks e reenvie depois.";

    TooManyTokens, "TOO_MANY_TOKENS", "O usuário já tem tokens demais.", "Revogue um token que não usa mais.";

    BacklogFull, "BACKLOG_FULL", "O número já tem envios demais na fila.", "Aguarde o tempo indicado em Retry-After: novos envios são aceitos à medida que os da fila saem.";
    RateLimited, "RATE_LIMITED", "Muitas tentativas.", "Aguarde o tempo indicado em Retry-After e tente de novo.";

    PayloadTooLarge, "PAYLOAD_TOO_LARGE", "O corpo da requisição é grande demais.", "Envie um corpo menor.";

    InvalidParameter, "INVALID_PARAMETER", "Parâmetro inválido.", "Confira o tipo e os valores aceitos na documentação.";
    InvalidPhone, "INVALID_PHONE", "Número de telefone inválido.", "Envie de 10 a 15 dígitos, com código do país, como 5511999999999.";
    SmsCountry, "SMS_COUNTRY", "Não enviamos SMS para números deste país.", "Use um número de um país atendido, ou peça o código por e-mail.";
    InvalidEmail, "INVALID_EMAIL", "E-mail inválido.", "Envie um endereço como usuario@exemplo.com.";
    InvalidLogin, "INVALID_LOGIN", "Login inválido.", "Use de 3 a 254 caracteres, sem espaços.";
    InvalidPassword, "INVALID_PASSWORD", "Senha inválida.", "Use de 8 a 128 caracteres.";
    InvalidRole, "INVALID_ROLE", "Papel inválido.", "Use admin ou worker.";
    UnknownPlan, "UNKNOWN_PLAN", "Plano desconhecido.", "Use um dos planos configurados.";
    TooManyNumbers, "TOO_MANY_NUMBERS", "Números demais em uma requisição.", "Divida a lista em requisições menores.";
    InvalidOtp, "INVALID_OTP", "Código OTP incorreto.", "Confira o código de seis dígitos e tente de novo.";
    OtpExpired, "OTP_EXPIRED", "O código OTP expirou ou já foi usado.", "Solicite um novo código.";
    OtpSpent, "OTP_SPENT", "As tentativas deste código OTP acabaram.", "Solicite um novo código.";
    RemovalRefused, "REMOVAL_REFUSED", "Login ou senha não conferem com a conta do token.", "Confira o login e a senha da conta a remover.";
    InvalidMediaType, "INVALID_MEDIA_TYPE", "Tipo de mídia inválido.", "Use text, image, audio, document ou video.";
    InvalidContent, "INVALID_CONTENT", "Texto inválido.", "Envie um texto de 1 a 65.536 caracteres.";
    InvalidRecipients, "INVALID_RECIPIENTS", "Há destinatários inválidos.", "Corrija os que estão em errors; nada foi enviado.";
    TooManyRecipients, "TOO_MANY_RECIPIENTS", "Destinatários demais em uma requisição.", "Envie no máximo 10.000 por requisição.";
    MissingVariable, "MISSING_VARIABLE", "O texto pede uma variável que o destinatário não tem.", "Envie todas as variáveis do texto em variables.";
    RepeatedRecipient, "REPEATED_RECIPIENT", "O mesmo texto para o mesmo número está duas vezes na lista.", "Deixe cada destinatário uma vez.";
    InvalidMediaUrl, "INVALID_MEDIA_URL", "Endereço de mídia inválido.", "Envie um endereço https de até 2.048 caracteres, sem usuário, senha ou porta.";
    InvalidWebhookUrl, "INVALID_WEBHOOK_URL", "Endereço de webhook inválido.", "Envie um endereço https de até 2.048 caracteres, sem usuário, senha ou porta.";
    InvalidWebhookFormat, "INVALID_WEBHOOK_FORMAT", "Formato de webhook inválido.", "Use json ou form.";
    InvalidEventKind, "INVALID_EVENT_KIND", "Tipo de evento inválido.", "Use statusMudou, atualizarMensagem, recebendoMensagem, ativandoSincronizacao, AlterarStatusNumero ou qrcode.";
    InvalidDeliveryStatus, "INVALID_DELIVERY_STATUS", "Status de entrega inválido.", "Use pendente, entregue ou falha.";
    InvalidSendAt, "INVALID_SEND_AT", "Horário de envio inválido.", "Envie send_at como 2026-12-31T09:00:00-03:00, no máximo 90 dias à frente.";
    InvalidExpiresAt, "INVALID_EXPIRES_AT", "Prazo de envio inválido.", "Envie expires_at como 2026-12-31T18:00:00-03:00, depois do momento do envio e no máximo 7 dias depois dele.";
    InvalidCaption, "INVALID_CAPTION", "Legenda inválida.", "Use até 1.024 caracteres.";
    InvalidFile, "INVALID_FILE", "Arquivo inválido.", "Envie um arquivo que não esteja vazio no campo file.";
    InvalidScope, "INVALID_SCOPE", "Escopo inválido.", "Use send, read ou manage.";
    InvalidTimeZone, "INVALID_TIME_ZONE", "Fuso horário inválido.", "Use um nome como America/Sao_Paulo.";
    InvalidIdempotencyKey, "INVALID_IDEMPOTENCY_KEY", "Idempotency-Key inválida.", "Use de 1 a 255 caracteres ASCII visíveis.";
    IdempotencyMismatch, "IDEMPOTENCY_MISMATCH", "Esta Idempotency-Key já foi usada com outra requisição.", "Use uma chave nova para cada requisição diferente.";
    InvalidDate, "INVALID_DATE", "Data inválida.", "Use DD/MM/AAAA, DD/MM/AAAA HH:MM:SS ou AAAA-MM-DD.";
    InvalidPeriod, "INVALID_PERIOD", "Período inválido.", "Envie uma data inicial anterior à final.";
    InvalidCursor, "INVALID_CURSOR", "Cursor inválido.", "Use o cursor da página anterior, sem alterá-lo.";
    InvalidPace, "INVALID_PACE", "Ritmo inválido.", "Confira os campos e os valores aceitos na documentação de PUT /v2/numbers/pace.";

    Internal, "INTERNAL", "Algo deu errado!", "Tente de novo; se continuar, informe o request_id ao suporte.";
    Unavailable, "UNAVAILABLE", "Serviço temporariamente indisponível.", "Tente de novo em instantes.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that went wrong: its code, what is particular to this case, and a cause for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Option<Cow<'static, str>>,
    cause: Option<String>,
    retry_after: Option<SignedDuration>,
    items: Vec<BadItem>,
}

/// What is wrong with one item of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadItem {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What is wrong.
    pub code: Code,
    /// What is particular to it, in Portuguese; it holds no secret.
    pub detail: String,
}

impl Problem {
    /// A problem with nothing particular to tell.
    pub fn new(code: Code) -> Self {
        Self { code, detail: None, cause: None, retry_after: None, items: Vec::new() }
    }

    /// Tells the client, in Portuguese, what is particular to this case; it must hold no secret.
    #[must_use]
    pub fn because(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Tells the log what is behind it; a client never sees it.
    #[must_use]
    pub fn caused_by(mut self, cause: impl fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Tells the client after what time it may try again.
    #[must_use]
    pub fn retry_in(mut self, time: SignedDuration) -> Self {
        self.retry_after = Some(time);
        self
    }

    /// Tells the client which items of the list that it sent are wrong.
    #[must_use]
    pub fn with_items(mut self, items: Vec<BadItem>) -> Self {
        self.items = items;
        self
    }

    /// The items of the client's list that are wrong, where that is the problem.
    pub fn items(&self) -> &[BadItem] {
        &self.items
    }

    /// After what time the client may try again, where that is known.
    pub fn retry_after(&self) -> Option<SignedDuration> {
        self.retry_after
    }

    /// Its code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// What a client reads as `description`: the case's own detail, else what happened and what to do about it. The known
    /// clients show this text alone, so it stands by itself.
    pub fn description(&self) -> Cow<'_, str> {
        match &self.detail {
            Some(detail) => Cow::Borrowed(detail),
            None => Cow::Owned(format!("{} {}", self.code.message(), self.code.remedy())),
        }
    }

    /// What is behind it, for the log.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        match &self.cause {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        let code = if error.lasting { Code::Internal } else { Code::Unavailable };
        Self::new(code).caused_by(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let codes: HashSet<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(codes.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|b| b.is_ascii_uppercase() || b == b'_'), "{code}");
            assert!(code.message().ends_with(['.', '!']) && code.remedy().ends_with('.'), "{code}");
        }
    }

    #[test]
    fn a_cause_is_for_the_log_only() {
        let problem: Problem = Unavailable::new("dynamodb GetItem accounts", "timed out").into();
        assert_eq!(
            problem.description(),
            "Serviço temporariamente indisponível. Tente de novo em instantes."
        );
        assert_eq!(problem.to_string(), "UNAVAILABLE: dynamodb GetItem accounts: timed out");
        let problem: Problem = Unavailable::lasting("reading a stored item", "damaged").into();
        assert_eq!(problem.code(), Code::Internal, "trying again does not help");
        assert_eq!(Problem::new(Code::InvalidPhone).because("number").description(), "number");
    }
}
