import type { Catalogue } from "./index.js";

/** German. */
const de: Catalogue = {
  language: "de",
  sentences: {
    required: "Füllen Sie dieses Feld aus.",
    null: "Dieses Feld darf nicht leer sein.",
    type: "Das passt hier nicht.",
    "type.string": "Geben Sie einen Text ein.",
    "type.boolean": "Wählen Sie Ja oder Nein.",
    "type.object": "Geben Sie ein Objekt in geschweiften Klammern ein, zum Beispiel {}.",
    "type.strings": "Geben Sie in jeder Zeile einen Text ein.",
    enum: "Hier kann nur eines davon stehen: {values}.",
    uuid: "Geben Sie eine Kennung ein, zum Beispiel 919108f7-52d1-4320-9bac-f847db4148a8.",
    date: "Geben Sie einen Tag ein, den es gibt, zum Beispiel 2000-02-29.",
    timestamp:
      "Geben Sie Datum, Uhrzeit und Zeitverschiebung ein, zum Beispiel 2024-01-02T03:04:05Z.",
    timezone: "Geben Sie den Namen einer Zeitzone ein, zum Beispiel America/Chicago.",
    suggestion: "Meinten Sie {suggestion}?",
    line: "Zeile {line}: {sentence}",

    theirs: "Jemand anderes hat dies in „{theirs}“ geändert.",
    empty: "(leer)",
    keep: "Meines behalten",
    take: "Anderes übernehmen",
    precondition: "Jemand anderes hat diesen Kontakt geändert. Laden Sie ihn neu und ändern Sie ihn noch einmal.",
    stale: "Jemand anderes hat diesen Kontakt geändert, während Sie ihn bearbeitet haben.",
    waiting: "Das lässt sich noch nicht prüfen. Warten Sie einen Moment.",
    unavailable: "Das lässt sich gerade nicht ändern: Ein Teil der Seite fehlt.",

    unknown: "Kontakte haben kein solches Feld.",
    immutable: "Das lässt sich nicht ändern.",
    mismatch: "Das ist die Kennung eines anderen Kontakts.",
    meta: "Das ist hier nicht erlaubt.",
    size: "Das ist zu lang: höchstens {limit} Bytes.",
    "size.body": "Das ist zu viel auf einmal: höchstens {limit} Bytes.",
    depth: "Das ist zu tief verschachtelt: höchstens {limit} Ebenen.",
    truncated: "Es gibt mehr Fehler als die {limit}, die angezeigt werden.",
    scope: "Sie dürfen Kontakte nicht ändern.",
    media_type: "Die Seite hat die Daten in einer Form gesendet, die der Server nicht liest.",
    key: "Die Seite hat die Daten ohne gültigen Schlüssel gesendet. Versuchen Sie es erneut.",

    duplicate: "Derselbe Name steht hier zweimal.",
    syntax: "Das ist nicht richtig geschrieben.",
    "syntax.empty": "Hier steht nichts.",
    "syntax.bom": "Am Anfang steht ein unsichtbares Zeichen. Entfernen Sie es.",
    "syntax.end": "Das Ende fehlt: Schließen Sie alle Anführungszeichen und Klammern.",
    "syntax.trailing": "Nach dem Ende steht noch etwas. Entfernen Sie es.",
    "syntax.value": "Ein Wert fehlt oder ist falsch geschrieben.",
    "syntax.name": "Ein Name in doppelten Anführungszeichen fehlt.",
    "syntax.colon": "Nach einem Namen fehlt ein Doppelpunkt.",
    "syntax.comma": "Ein Komma oder eine schließende Klammer fehlt.",
    "syntax.number":
      "Eine Zahl ist nicht richtig geschrieben: Schreiben Sie sie wie 0, -1 oder 2.5.",
    "syntax.control":
      "Ein Text enthält einen Zeilenumbruch oder Tabulator: Schreiben Sie \\n oder \\t.",
    "syntax.escape":
      "Was auf einen Backslash folgt, ist falsch. Schreiben Sie \\\\ für den Backslash selbst.",
    "syntax.surrogate": "Ein Text enthält ein halbes Zeichen. Geben Sie ihn noch einmal ein.",
    "syntax.utf8": "Ein Text enthält ein beschädigtes Zeichen. Geben Sie ihn noch einmal ein.",
  },
};
export default de;
