//! `expand[]`: ids replaced by the objects they name, and an invoice's payments included.

use serde_json::Value;

use crate::Simulator;
use crate::answer::ApiError;
use crate::render::Form;

impl Simulator {
    /// Expands one dotted path such as `data.payments` in place.
    pub(crate) fn expand(&self, value: &mut Value, path: &str, form: Form) -> Result<(), ApiError> {
        let steps: Vec<&str> = path.split('.').collect();
        if self.expand_steps(value, &steps, form) {
            return Ok(());
        }
        let message = format!("This property cannot be expanded ({path}).");
        Err(ApiError::parameter("parameter_unknown", "expand", message))
    }

    /// False when the path leads nowhere.
    fn expand_steps(&self, value: &mut Value, steps: &[&str], form: Form) -> bool {
        if let Some(elements) = value.as_array_mut() {
            let mut elements = elements.iter_mut();
            return elements.all(|element| self.expand_steps(element, steps, form));
        }
        // An id on the way is expanded too.
        if let Some(object) = value.as_str().and_then(|id| self.render(id, form)) {
            *value = object;
        }
        let Some((step, rest)) = steps.split_first() else {
            return true;
        };
        let Some(object) = value.as_object_mut() else {
            // What is absent in this object can not be looked into; that is no error.
            return value.is_null();
        };
        if *step == "payments" && form == Form::Newer && !object.contains_key(*step) {
            let id = object.get("id").and_then(Value::as_str);
            if let Some(payments) = id.and_then(|id| self.payments_of(id)) {
                object.insert((*step).to_owned(), payments);
            }
        }
        match object.get_mut(*step) {
            Some(inner) => self.expand_steps(inner, rest, form),
            None => false,
        }
    }
}
