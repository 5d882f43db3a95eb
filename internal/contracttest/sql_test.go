package contracttest

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
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

// columnsOf has, for each kind, the JSON text of a value and the columns that hold it.
var columnsOf = map[contact.Kind]map[string][]any{
	contact.KindID: {`"919108f7-52d1-4320-9bac-f847db4148a8"`: {"919108f7-52d1-4320-9bac-f847db4148a8", []byte("919108F7-52D1-4320-9BAC-F847DB4148A8"),
		[]byte("\x91\x91\x08\xf7\x52\xd1\x43\x20\x9b\xac\xf8\x47\xdb\x41\x48\xa8")}},
	contact.KindString:   {`"Oslo \"1\""`: {`Oslo "1"`, []byte(`Oslo "1"`)}, `""`: {"", []byte{}}},
	contact.KindTimezone: {`"Europe/Oslo"`: {"Europe/Oslo", []byte("Europe/Oslo")}, `"A/Name/That/Tzdb/Had"`: {"A/Name/That/Tzdb/Had"}},
	contact.KindDate: {`"2024-02-29"`: {"2024-02-29", []byte("2024-02-29"), time.Date(2024, 2, 29, 23, 0, 0, 0, time.FixedZone("", -36000))},
		`"0000-01-01"`: {"0000-01-01", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)}},
	contact.KindTimestamp: {`"2026-06-01T12:00:00Z"`: {noon, noon.In(time.FixedZone("", 3600)), "2026-06-01T12:00:00Z", []byte("2026-06-01t14:00:00+02:00")}},
	contact.KindBoolean:   {"true": {true, int64(1), "true", []byte("t"), []byte("1")}, "false": {false, int64(0), "FALSE", []byte("f"), []byte("0")}},
	contact.KindObject:    {`{"a":1e400}`: {`{"a": 1e400}`}, `{"a":1.0}`: {[]byte(`{"a":1.0} `)}},
	contact.KindIDs:       {`["919108f7-52d1-4320-9bac-f847db4148a8"]`: {`["919108f7-52d1-4320-9bac-f847db4148a8"]`}, `[]`: {[]byte(`[ ]`)}},
	contact.KindStrings:   {`["a","b"]`: {`["a", "b"]`, []byte(`["\u0061","b"]`)}},
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
			taken := maps.Clone(columnsOf[f.Kind()])
			for _, value := range f.Values() {
				taken = map[string][]any{string(must(json.Marshal(value))): {value, []byte(value)}}
			}
			require.NotEmpty(t, taken)
			for text, columns := range taken {
				for _, value := range columns {
					c := before.Clone()
					require.NoError(t, scan(c, value), "%v", value)
					got, ok := c.Get(f)
					require.True(t, ok)
					require.Equal(t, text, string(must(json.Marshal(got))), "%v", value)
					require.Equal(t, text != `"A/Name/That/Tzdb/Had"`, c.Validate() == nil)
					for g := range contact.AllFields.All() {
						if f != g {
							was, _ := before.Get(g)
							is, _ := c.Get(g)
							require.Equal(t, was, is, g)
						}
					}
					if text, ok := value.(string); ok {
						again := before.Clone()
						require.NoError(t, again.Ptr(f).(encoding.TextUnmarshaler).UnmarshalText([]byte(text)))
						require.Equal(t, c, again)
					}
				}
				c := before.Clone()
				require.NoError(t, json.Unmarshal([]byte(text), c.Ptr(f)))
				got, _ := c.Get(f)
				require.Equal(t, text, string(must(json.Marshal(got))))
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

// TestScanDay: a date column takes the day that a time has in its own location, or refuses it and stays as it was.
func TestScanDay(t *testing.T) {
	east, west := time.FixedZone("", 5*3600), time.FixedZone("", -5*3600)
	for name, c := range map[string]struct {
		time time.Time
		want string // "" for a refusal
	}{
		"after the last year":  {time.Date(10000, 1, 1, 1, 0, 0, 0, east), ""},
		"before the first":     {time.Date(-1, 12, 31, 23, 0, 0, 0, west), ""},
		"zero":                 {time.Time{}, ""},
		"last day in the west": {time.Date(9999, 12, 31, 23, 0, 0, 0, west), "9999-12-31"},
		"first in the east":    {time.Date(0, 1, 1, 0, 0, 0, 0, east), "0000-01-01"},
	} {
		t.Run(name, func(t *testing.T) {
			got, before := SampleContact(t), SampleContact(t)
			var date contact.Date
			column, plain := got.Ptr(contact.FieldBirthdate).(sql.Scanner).Scan(c.time), date.Scan(c.time)
			if c.want == "" {
				require.ErrorIs(t, column, contact.ErrTime)
				require.ErrorIs(t, plain, contact.ErrTime)
				require.Equal(t, before.Birthdate, got.Birthdate)
				return
			}
			require.NoError(t, column)
			require.NoError(t, plain)
			require.Equal(t, c.want, fmt.Sprint(*got.Birthdate))
			require.Equal(t, c.want, fmt.Sprint(date))
		})
	}
}

// TestScanOtherType: a column of another Go type is a plain error, the same for each field and value.
func TestScanOtherType(t *testing.T) {
	c := SampleContact(t)
	for f := range contact.AllFields.All() {
		column, ok := c.Ptr(f).(sql.Scanner)
		if !ok || f.Kind() == contact.KindBoolean {
			continue
		}
		for _, value := range []any{true, int64(1), int64(7), 1.5} {
			require.False(t, errors.As(column.Scan(value), new(*contact.StoreError)), "%v %v", f, value)
			require.Error(t, column.Scan(value))
		}
	}
}
