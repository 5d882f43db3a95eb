package contracttest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
	"github.com/stretchr/testify/require"
)

var (
	_ sql.Scanner   = new(contact.Date)
	_ sql.Scanner   = new(contact.Object)
	_ driver.Valuer = contact.Date{}
	_ driver.Valuer = contact.Object("")
)

func TestDateColumns(t *testing.T) {
	leap := contact.Date{Year: 2024, Month: 2, Day: 29}
	v, err := leap.Value()
	require.NoError(t, err)
	require.Equal(t, "2024-02-29", v)
	_, err = contact.Date{Year: 2023, Month: 2, Day: 29}.Value()
	require.ErrorIs(t, err, contact.ErrTime)

	west := time.FixedZone("", -10*3600)
	for i, column := range []any{"2024-02-29", []byte("2024-02-29"), time.Date(2024, 2, 29, 23, 0, 0, 0, west)} {
		t.Run(row.Name(i), func(t *testing.T) {
			var d contact.Date
			require.NoError(t, d.Scan(column))
			require.Equal(t, leap, d)
		})
	}
	for i, column := range []any{nil, 20240229, "2024-02-30", []byte(""), time.Time{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		t.Run(row.Name(i), func(t *testing.T) {
			d := leap
			require.Error(t, d.Scan(column), "%T", column)
			require.Equal(t, leap, d)
		})
	}
}

func TestObjectColumns(t *testing.T) {
	v, err := contact.Object(`{ "a": 1.0 }`).Value()
	require.NoError(t, err)
	require.Equal(t, `{"a":1.0}`, v)
	v, err = contact.Object("").Value()
	require.NoError(t, err)
	require.Equal(t, `{}`, v)
	_, err = contact.Object(`{"a":1,"a":2}`).Value()
	require.ErrorIs(t, err, contact.ErrText)

	for i, column := range []any{`{"a": 1e400}`, []byte(`{"a":1e400} `)} {
		t.Run(row.Name(i), func(t *testing.T) {
			var o contact.Object
			require.NoError(t, o.Scan(column))
			require.Equal(t, contact.Object(`{"a":1e400}`), o)
		})
	}
	for i, column := range []any{nil, 1, "", "null", "[]", []byte(`{"a":}`)} {
		t.Run(row.Name(i), func(t *testing.T) {
			o := contact.Object(`{"kept":true}`)
			require.Error(t, o.Scan(column), "%v", column)
			require.Equal(t, contact.Object(`{"kept":true}`), o)
		})
	}
}

// An answers is a database whose every query returns its rows.
type answers [][]driver.Value

func (a *answers) Connect(context.Context) (driver.Conn, error) { return a, nil }
func (a *answers) Driver() driver.Driver                        { return nil }
func (a *answers) Prepare(string) (driver.Stmt, error)          { return a, nil }
func (a *answers) Begin() (driver.Tx, error)                    { return nil, driver.ErrSkip }
func (a *answers) Close() error                                 { return nil }
func (a *answers) NumInput() int                                { return -1 }
func (a *answers) Exec([]driver.Value) (driver.Result, error)   { return nil, driver.ErrSkip }
func (a *answers) Query([]driver.Value) (driver.Rows, error)    { return a, nil }
func (a *answers) Columns() []string                            { return make([]string, len((*a)[0])) }
func (a *answers) Next(row []driver.Value) error {
	if len(*a) < 2 { // Columns needs one
		return io.EOF
	}
	*a = (*a)[1:]
	copy(row, (*a)[0])
	return nil
}

// columnsOf has, for each kind, the values of a column that its field takes.
var columnsOf = map[contact.Kind][]any{
	contact.KindID:        {"919108f7-52d1-4320-9bac-f847db4148a8", []byte("919108F7-52D1-4320-9BAC-F847DB4148A8"), []byte("\x91\x91\x08\xf7\x52\xd1\x43\x20\x9b\xac\xf8\x47\xdb\x41\x48\xa8")},
	contact.KindString:    {"Oslo", []byte("Oslo")},
	contact.KindTimezone:  {"Europe/Oslo", []byte("Europe/Oslo"), "A/Name/That/Tzdb/Had"},
	contact.KindDate:      {"2024-02-29", []byte("2024-02-29"), time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("", -36000))},
	contact.KindTimestamp: {noon, noon.In(time.FixedZone("", 3600)), "2026-06-01T12:00:00Z", []byte("2026-06-01t14:00:00+02:00")},
	contact.KindBoolean:   {true, int64(1), "true", []byte("t"), []byte("1")},
	contact.KindObject:    {`{"a": 1e400}`, []byte(`{"a":1.0}`)},
	contact.KindIDs:       {`["919108f7-52d1-4320-9bac-f847db4148a8"]`, []byte(`[]`)},
	contact.KindStrings:   {`["a", "b"]`, []byte(`["\u0061"]`)},
}

// notColumns has, for each kind, values that its field does not take. NULL is one if the field is required.
var notColumns = map[contact.Kind][]any{
	contact.KindID: {"", "urn:uuid:919108f7-52d1-4320-9bac-f847db4148a8", "{919108f7-52d1-4320-9bac-f847db4148a8}",
		"919108f752d143209bacf847db4148a8", "919108f7-52d1-1320-9bac-f847db4148a8", make([]byte, 16), []byte{}, int64(1), true, noon},
	contact.KindString:    {int64(60614), 1.5, true, noon, "\xff", []byte("a\xff")},
	contact.KindTimezone:  {int64(1), noon, "\xff"},
	contact.KindDate:      {"", "2024-02-30", "2024-02-29T00:00:00Z", int64(20240229), time.Time{}, time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), true},
	contact.KindTimestamp: {"", "2026-06-01 12:00:00", "0000-00-00", int64(1), time.Time{}, time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), true},
	contact.KindBoolean:   {int64(2), int64(-1), "", "yes", "null", 1.0, noon},
	contact.KindObject:    {"", "null ", "[]", `{"a":1,"a":2}`, `{"a":}`, int64(1)},
	contact.KindIDs:       {"", "{}", `["urn:uuid:919108f7-52d1-4320-9bac-f847db4148a8"]`, `[null]`, "{919108f7-52d1-4320-9bac-f847db4148a8}", int64(1)},
	contact.KindStrings:   {"", "{a}", `[1]`, `["a"`, int64(1)},
}

// TestPtr: a column is a field that is in order, or absent, or an error that leaves the field as the row before had it,
// and it is a fault of the store. So it is whatever interface reads it.
func TestPtr(t *testing.T) {
	for f := range contact.AllFields.All() {
		if f.Kind() == contact.KindConstant {
			continue
		}
		t.Run(row.Name(f), func(t *testing.T) {
			scan := func(c *contact.Contact, value any) error {
				db := sql.OpenDB(&answers{{nil}, {value}})
				defer db.Close()
				return db.QueryRow("SELECT").Scan(c.Ptr(f))
			}
			before := FullContact(t)
			taken := columnsOf[f.Kind()]
			for _, value := range f.Values() {
				taken = append(taken, value, []byte(value))
			}
			require.NotEmpty(t, taken)
			for _, value := range taken {
				c, other := before.Clone(), new(contact.Contact)
				require.NoError(t, scan(c, value), "%v", value)
				require.NoError(t, scan(other, value))
				got, ok := c.Get(f)
				require.True(t, ok)
				want, _ := other.Get(f)
				require.Equal(t, want, got)
				require.NoError(t, c.Ptr(f).(json.Unmarshaler).UnmarshalJSON(must(json.Marshal(got))))
				again, _ := c.Get(f)
				require.Equal(t, want, again)
				require.Equal(t, f.Kind() != contact.KindTimezone || value != "A/Name/That/Tzdb/Had", c.Validate() == nil)
				if text, ok := value.(string); ok {
					require.NoError(t, c.Ptr(f).(encoding.TextUnmarshaler).UnmarshalText([]byte(text)))
				}
				for g := range contact.AllFields.All() {
					was, _ := before.Get(g)
					is, _ := c.Get(g)
					if f != g {
						require.Equal(t, was, is, g)
					}
				}
			}
			refused := func(err error, c *contact.Contact, value any) {
				t.Helper()
				require.Error(t, err, "%#v", value)
				require.ErrorContains(t, err, f.String())
				var errs contact.Errors
				require.False(t, errors.As(err, &errs), "a fault of the store")
				require.Equal(t, before, c, "%#v", value)
			}
			for _, value := range notColumns[f.Kind()] {
				c := before.Clone()
				refused(scan(c, value), c, value)
				if text, ok := value.(string); ok {
					refused(c.Ptr(f).(encoding.TextUnmarshaler).UnmarshalText([]byte(text)), c, value)
				}
			}
			for _, text := range []string{"", "null x", `{"a":1,"a":2}`, "12"} {
				c := before.Clone()
				refused(c.Ptr(f).(json.Unmarshaler).UnmarshalJSON([]byte(text)), c, text)
			}
			c := before.Clone()
			if contact.RequiredFields.Has(f) {
				refused(scan(c, nil), c, nil)
				refused(json.Unmarshal([]byte("null"), c.Ptr(f)), c, "null")
				return
			}
			require.NoError(t, scan(c, nil))
			_, has := c.Get(f)
			require.False(t, has, "NULL is absent")
			c = before.Clone()
			require.NoError(t, c.Ptr(f).(json.Unmarshaler).UnmarshalJSON([]byte("null")))
			_, has = c.Get(f)
			require.False(t, has)
		})
	}
	require.Nil(t, new(contact.Contact).Ptr(contact.FieldType))
	require.Nil(t, new(contact.Contact).Ptr(99))
}
