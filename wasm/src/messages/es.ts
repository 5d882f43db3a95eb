import type { Catalogue } from "./index.js";

/** Spanish. */
const es: Catalogue = {
  language: "es",
  sentences: {
    required: "Rellene este campo.",
    null: "Este campo no puede quedar vacío.",
    type: "Esto no puede ir aquí.",
    "type.string": "Escriba un texto.",
    "type.boolean": "Elija sí o no.",
    "type.object": "Escriba un objeto entre llaves, como {}.",
    "type.strings": "Escriba un texto en cada línea.",
    enum: "Aquí solo puede ir uno de estos: {values}.",
    uuid: "Escriba un identificador, como 919108f7-52d1-4320-9bac-f847db4148a8.",
    date: "Escriba un día que exista, como 2000-02-29.",
    timestamp: "Escriba fecha, hora y desfase horario, como 2024-01-02T03:04:05Z.",
    timezone: "Escriba el nombre de una zona horaria, como America/Chicago.",
    suggestion: "¿Quiso decir {suggestion}?",
    line: "Línea {line}: {sentence}",

    theirs: "Otra persona ha cambiado esto por «{theirs}».",
    empty: "(vacío)",
    keep: "Conservar lo mío",
    take: "Usar lo otro",
    precondition: "Otra persona ha modificado este contacto. Vuelva a cargarlo y repita el cambio.",
    stale: "Otra persona ha modificado este contacto mientras usted lo editaba.",
    waiting: "Esto aún no se puede comprobar. Espere un momento.",
    unavailable: "Esto no se puede cambiar ahora: una parte de la página no se ha cargado.",

    unknown: "Los contactos no tienen este campo.",
    immutable: "Esto no se puede cambiar.",
    mismatch: "Este es el identificador de otro contacto.",
    meta: "Esto no se permite aquí.",
    size: "Esto es demasiado largo: como máximo {limit} bytes.",
    "size.body": "Son demasiados datos a la vez: como máximo {limit} bytes.",
    depth: "Hay demasiados niveles anidados: como máximo {limit}.",
    truncated: "Hay más errores que los {limit} que se muestran.",
    scope: "No tiene permiso para modificar contactos.",
    media_type: "La página ha enviado los datos de un modo que el servidor no admite.",
    key: "La página ha enviado los datos sin una clave válida. Inténtelo de nuevo.",

    duplicate: "El mismo nombre aparece aquí dos veces.",
    syntax: "Esto no está bien escrito.",
    "syntax.empty": "Aquí no hay nada.",
    "syntax.bom": "Hay un carácter invisible al principio. Elimínelo.",
    "syntax.end": "Falta el final: cierre todas las comillas y llaves.",
    "syntax.trailing": "Sobra algo después del final. Elimínelo.",
    "syntax.value": "Falta un valor o está mal escrito.",
    "syntax.name": "Falta un nombre entre comillas dobles.",
    "syntax.colon": "Faltan dos puntos después de un nombre.",
    "syntax.comma": "Falta una coma o una llave de cierre.",
    "syntax.number": "Un número no está bien escrito: escríbalo como 0, -1 o 2.5.",
    "syntax.control":
      "Un texto entre comillas contiene un salto de línea o un tabulador: escriba \\n o \\t.",
    "syntax.escape":
      "Lo que sigue a una barra inversa no es válido. Para la propia barra, escriba \\\\.",
    "syntax.surrogate": "Un texto contiene medio carácter. Escríbalo de nuevo.",
    "syntax.utf8": "Un texto contiene un carácter dañado. Escríbalo de nuevo.",
  },
};
export default es;
