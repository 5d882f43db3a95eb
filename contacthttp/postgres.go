package contacthttp

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
)

// CheckPostgresColumns refuses values that PostgreSQL cannot hold in columns of the types text, date
// and timestamptz: the character U+0000, and the year 0. It is for Handler.Check. The error is a
// contact.Errors with the status 422 and a pointer for each field.
//
// It takes completed_objective_keys and meta_public to be columns of the type json or text, which hold
// everything; for jsonb add [CheckJSONB]. A contact's whole document in a column of the type text or
// json needs no check.
func CheckPostgresColumns(u *contact.Update) error {
	return checkFields(u, func(value any) string {
		switch v := value.(type) {
		case string:
			return withoutNUL(v)
		case contact.Date:
			return fromYearOne(v.Year)
		case time.Time:
			return fromYearOne(v.UTC().Year())
		}
		return ""
	})
}

// CheckJSONB refuses values that PostgreSQL's type jsonb cannot hold or rewrites: the character
// U+0000, and the numbers 1e400, 1E2 and -0, for example, which it writes in another form. It is for
// a contact's document, or its lists and objects, in columns of that type, and is used and answered
// as [CheckPostgresColumns] is. jsonb also changes the order of members, which does not matter to JSON.
func CheckJSONB(u *contact.Update) error {
	return checkFields(u, func(value any) string {
		switch v := value.(type) {
		case string:
			return withoutNUL(v)
		case []string:
			return withoutNUL(strings.Join(v, ""))
		case contact.Object:
			return checkTokens(string(v))
		}
		return ""
	})
}

// checkFields returns an error for each field of the patch whose value find objects to.
func checkFields(u *contact.Update, find func(value any) string) error {
	if u == nil {
		return contact.ErrNil
	}
	var errs contact.Errors
	for f := range (u.Patch.Fields() & contact.WritableFields).All() {
		value, ok := u.Patch.Get(f)
		if !ok {
			continue
		}
		if detail := find(value); detail != "" {
			e := contact.NewServiceError(http.StatusUnprocessableEntity, "not_storable", "Value cannot be stored", detail)
			e.Pointer = "/" + f.String()
			errs = append(errs, e)
		}
	}
	if errs == nil {
		return nil
	}
	return errs
}

func withoutNUL(s string) string {
	if strings.Contains(s, "\x00") {
		return "Leave out the character U+0000."
	}
	return ""
}

func fromYearOne(year int) string {
	if year < 1 {
		return "Send a year from 0001 on."
	}
	return ""
}

// checkTokens looks for strings and numbers in JSON that jsonb changes.
func checkTokens(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return ""
		}
		detail := ""
		switch v := token.(type) {
		case string:
			detail = withoutNUL(v)
		case json.Number:
			detail = checkNumber(string(v))
		}
		if detail != "" || err != nil {
			return detail
		}
	}
}

// The digits that numeric holds before and after the decimal point.
const mostInteger, mostFraction = 131072, 16383

func checkNumber(text string) string {
	integer, fraction, _ := strings.Cut(text, ".")
	if strings.ContainsAny(text, "eE") || text[0] == '-' && strings.Trim(text, "-0.") == "" ||
		len(integer) > mostInteger || len(fraction) > mostFraction {
		return "Send numbers as plain decimals, without an exponent and without -0."
	}
	return ""
}
