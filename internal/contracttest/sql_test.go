package contracttest

import (
	"database/sql"
	"database/sql/driver"
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
	for i, column := range []any{nil, 20240229, "2024-02-30", []byte(""), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
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
