//! Parameters of a call, from its query and its form body.

use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::HttpRequest;

use crate::answer::ApiError;
use crate::objects::Metadata;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
}

/// The path and the query of a target such as `/v1/refunds?charge=ch_1`.
pub(crate) fn split_target(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}

impl Params {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        let (_, query) = split_target(&request.target);
        let query = form_urlencoded::parse(query.as_bytes());
        let body = form_urlencoded::parse(&request.body);
        Self {
            pairs: query.into_owned().chain(body.into_owned()).collect(),
        }
    }

    /// In an order that does not depend on the caller's.
    pub(crate) fn sorted(mut self) -> Vec<(String, String)> {
        self.pairs.sort();
        self.pairs
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs.iter();
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Refuses any parameter that is not in `known`; `name[` allows every `name[…]`. `expand` is
    /// always allowed.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ApiError> {
        let is_known = |key: &str| {
            key.starts_with("expand[")
                || known
                    .iter()
                    .any(|name| key == *name || (name.ends_with('[') && key.starts_with(*name)))
        };
        match self.pairs.iter().find(|(key, _)| !is_known(key)) {
            None => Ok(()),
            Some((key, _)) => Err(ApiError::parameter(
                "parameter_unknown",
                key,
                format!("Received unknown parameter: {key}"),
            )),
        }
    }

    pub(crate) fn required(&self, name: &str) -> Result<&str, ApiError> {
        self.get(name).ok_or_else(|| {
            let message = format!("Missing required param: {name}.");
            ApiError::parameter("parameter_missing", name, message)
        })
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            let message = format!("Invalid integer: {text}");
            ApiError::parameter("parameter_invalid_integer", name, message)
        })
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        let Some(seconds) = self.integer(name)? else {
            return Ok(None);
        };
        let time = Timestamp::from_unix_seconds(seconds);
        time.map(Some).map_err(|_| {
            let message = format!("Invalid timestamp: {seconds}");
            ApiError::parameter("parameter_invalid_integer", name, message)
        })
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let message = format!("Invalid boolean: {other}");
                Err(ApiError::parameter(
                    "parameter_invalid_boolean",
                    name,
                    message,
                ))
            }
        }
    }

    /// `metadata[key]=value`, within Stripe's limits: 50 keys of 40 characters, values of 500.
    pub(crate) fn metadata(&self) -> Result<Metadata, ApiError> {
        let mut entries = Metadata::new();
        for (name, value) in &self.pairs {
            let Some(key) = name
                .strip_prefix("metadata[")
                .and_then(|rest| rest.strip_suffix(']'))
            else {
                continue;
            };
            if key.chars().count() > 40 || value.chars().count() > 500 {
                let message = "Metadata keys have up to 40 characters, values up to 500.";
                return Err(ApiError::parameter(
                    "parameter_invalid_string",
                    name,
                    message,
                ));
            }
            entries.insert(key.to_owned(), value.clone());
        }
        if entries.len() > 50 {
            let message = "Metadata has up to 50 keys.";
            return Err(ApiError::parameter(
                "parameter_invalid_string",
                "metadata",
                message,
            ));
        }
        Ok(entries)
    }

    pub(crate) fn expansions(&self) -> impl Iterator<Item = &str> {
        let pairs = self.pairs.iter();
        pairs
            .filter(|(key, _)| key.starts_with("expand["))
            .map(|(_, path)| path.as_str())
    }

    /// Whether `types[]`, when given, names the event type.
    pub(crate) fn allows_type(&self, kind: &str) -> bool {
        let mut types = self
            .pairs
            .iter()
            .filter(|(key, _)| key.starts_with("types["))
            .peekable();
        types.peek().is_none() || types.any(|(_, wanted)| wanted == kind)
    }
}
