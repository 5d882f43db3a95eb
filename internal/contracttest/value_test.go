package contracttest

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
	"github.com/partner-contacts/contact/internal/row"
)

func TestValues(t *testing.T) {
	for _, s := range ValueSeeds {
		CheckValues(t, s)
		for i := range s { // and its neighbours
			CheckValues(t, s[:i])
			CheckValues(t, s[:i]+s[i+1:])
			for _, c := range "09-+:.,TtZz \x00f" {
				CheckValues(t, s[:i]+string(c)+s[i+1:])
				CheckValues(t, s[:i]+string(c)+s[i:])
			}
		}
	}
}

// TestEveryDay reads and writes all days of the years 0000 to 9999, one in 13 if it must be short, and no other.
func TestEveryDay(t *testing.T) {
	t.Parallel()
	var c contact.Contact
	var text, want, got []byte
	day, step := time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), 24*time.Hour
	if testing.Short() {
		step *= 13
	}
	for i := 0; day.Year() <= 9999; i++ {
		text = day.AppendFormat(text[:0], time.DateOnly)
		d, err := contact.ParseDate(string(text))
		if err != nil || d != (contact.Date{Year: day.Year(), Month: int(day.Month()), Day: day.Day()}) {
			t.Fatalf("%s is %v, %v", text, d, err)
		}
		// A second of the day, another one each day.
		at := day.Add(time.Duration(i*7919%86400) * time.Second)
		want = at.AppendFormat(want[:0], writtenTimestamp)
		if parsed, err := contact.ParseTimestamp(string(want)); err != nil || !parsed.Equal(at) {
			t.Fatalf("%s is %v, %v", want, parsed, err)
		}
		if i%16 == 0 || day.Day() == 1 || day.Add(24*time.Hour).Day() == 1 {
			c.UpdatedAt = at
			if got = c.AppendJSON(got[:0]); !bytes.Contains(got, want) {
				t.Fatalf("%s is written %s", want, got)
			}
		}
		day = day.Add(step)
	}
	for year := 0; year <= 9999; year += 99 {
		for month := 1; month <= 12; month++ {
			first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
			last := contact.Date{Year: year, Month: month, Day: first.AddDate(0, 1, -1).Day()}
			_, err := last.MarshalText()
			require.NoError(t, err)
			last.Day++
			_, err = last.MarshalText()
			require.Error(t, err, "%v", last)
			_, err = contact.ParseDate(last.String())
			require.Error(t, err, "%v", last)
		}
	}
}

// TestEverySecond writes each second of a day.
func TestEverySecond(t *testing.T) {
	var c contact.Contact
	var want, got []byte
	for second := range 86400 {
		c.UpdatedAt = time.Date(2024, 2, 29, 0, 0, second, second%1000*1_000_001, time.UTC)
		want = c.UpdatedAt.AppendFormat(want[:0], `"updated_at":"`+writtenTimestamp+`"`)
		if got = c.AppendJSON(got[:0]); !bytes.Contains(got, want) {
			t.Fatalf("want %s in %s", want, got)
		}
	}
}

func TestDateText(t *testing.T) {
	d := contact.Date{Year: 7, Month: 1, Day: 2}
	require.Equal(t, "0007-01-02", d.String())
	text, err := json.Marshal(map[string]contact.Date{"d": d})
	require.NoError(t, err)
	require.Equal(t, `{"d":"0007-01-02"}`, string(text))
	var into struct{ D contact.Date }
	require.NoError(t, json.Unmarshal(text, &into))
	require.Equal(t, d, into.D)
	require.Equal(t, []string{"date "}, faults(t, into.D.UnmarshalText([]byte("1990-02-30"))))
	require.Equal(t, d, into.D, "left as it was")
	for _, none := range []contact.Date{
		{}, {Year: 2024, Month: 1}, {Year: 2024, Day: 1}, {Year: 2024, Month: 13, Day: 1}, {Year: 10000, Month: 1, Day: 1}, {Year: -1, Month: 1, Day: 1},
		{Year: 2024, Month: 1, Day: 32}, {Year: 2024, Month: -1, Day: 1}, {Year: 2024, Month: 1, Day: -1},
	} {
		t.Run(row.Name(none), func(t *testing.T) {
			_, err := none.MarshalText()
			require.Error(t, err, "%+v", none)
		})
	}
	for _, day := range []contact.Date{{Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31}} {
		t.Run(row.Name(day), func(t *testing.T) {
			_, err := day.MarshalText()
			require.NoError(t, err, "%+v", day)
		})
	}
}

func TestTimezones(t *testing.T) {
	require.Greater(t, len(zones), 590, "tzdb has about 600 names")
	require.True(t, slices.IsSorted(zones))
	for _, name := range zones {
		require.NoError(t, checkTimezone(name))
	}
	for range contact.Timezones() {
		break // it must stop when it is told to
	}
	require.Regexp(t, `^20\d\d[a-z]$`, contact.TZDBVersion)
}
