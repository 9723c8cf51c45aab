//! What keeps a file from being read as XML.

use palier_billing::XmlFaultKind;

use super::Text;
use crate::say;

impl From<&XmlFaultKind> for Text {
    fn from(kind: &XmlFaultKind) -> Self {
        use XmlFaultKind as Kind;
        let fr = match kind {
            Kind::Encoding { name } => format!("n’est pas du texte en {name}"),
            // What is wrong with the syntax only the parser knows, in English.
            Kind::Syntax { .. } => "est illisible : ce n’est pas du XML bien formé".to_owned(),
            Kind::Doctype => "contient une définition de type de document".to_owned(),
            Kind::Entity { name } => format!("renvoie à l’entité {name:?}"),
            Kind::TooDeep => "imbrique trop d’éléments".to_owned(),
            Kind::TooManyElements => "contient trop d’éléments".to_owned(),
        };
        say!(en "{kind}", fr "{fr}")
    }
}
