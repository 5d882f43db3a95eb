package handlers

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/contacthttp"
)

// SaveColumns writes what an update changed of a contact, and nothing else, to a table with a column
// for each field, if the row still has the version that was loaded. Place writes the n-th placeholder:
// "?" for SQLite, "$n" for PostgreSQL by pgx's database/sql driver.
//
// What a jsonb column does to meta_public: PostgreSQL keeps numbers as numeric, so 9007199254740993 and
// 1.50 keep their digits, but 1e400 is written out and -0 becomes 0; members lose their order and white
// space. A column of type json or text keeps all of it.
func SaveColumns(
	ctx context.Context, db *sql.DB, place func(n int) string, seen time.Time, c *contact.Contact, changed contact.FieldSet,
) error {
	if changed == 0 {
		return nil
	}
	var set []string
	var values []any
	for f := range changed.All() {
		value, err := column(c, f)
		if err != nil {
			return err
		}
		values = append(values, value)
		set = append(set, f.String()+" = "+place(len(values)))
	}
	where := fmt.Sprintf("id = %s AND updated_at = %s", place(len(values)+1), place(len(values)+2))
	// The names are those of the library's own table of fields, never a client's.
	result, err := db.ExecContext(ctx, "UPDATE contacts SET "+strings.Join(set, ", ")+" WHERE "+where,
		append(values, c.ID.String(), seen.Format(time.RFC3339Nano))...)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("%w: %v", contacthttp.ErrConflict, err)
	}
	return nil
}

// column is the value of a field as a column holds it: NULL for what a contact has not got.
func column(c *contact.Contact, f contact.Field) (any, error) {
	value, ok := c.Get(f)
	if !ok {
		return nil, nil
	}
	switch v := value.(type) {
	case contact.ID:
		return v.String(), nil
	case time.Time:
		return v.UTC().Format(time.RFC3339Nano), nil
	case []contact.ID, []string:
		text, err := json.Marshal(v)
		return string(text), err
	}
	return value, nil // strings, booleans, and what has a Value of its own: Date and Object
}
