package contact_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/partner-contacts/contact"
)

// testdata/vectors/validate.json has the rows for every form of every value. Here the parsers are held against others,
// on those rows' neighbours, on every day there is, and, in FuzzValues, on anything.

// refID is google/uuid, narrowed: it also reads URNs, braces and 32 digits, and every version and variant.
func refID(s string) (uuid.UUID, bool) {
	id, err := uuid.Parse(s)
	return id, err == nil && len(s) == 36 && id.Version() == 4 && id.Variant() == uuid.RFC4122
}

// refDate is the time package. There is no difference.
func refDate(s string) (contact.Date, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return contact.Date{Year: t.Year(), Month: int(t.Month()), Day: t.Day()}, err == nil
}

// timestampForm is what RFC 3339 §5.6 allows and the time package does not hold a text to: it also reads hours of one
// digit, a comma before the fraction, and offsets of 24 hours or 60 minutes.
var timestampForm = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)

// refTimestamp is the time package, with every difference in its own line.
func refTimestamp(s string) (time.Time, bool) {
	if !timestampForm.MatchString(s) { // too lenient: see timestampForm
		return time.Time{}, false
	}
	s = strings.ToUpper(s)   // too strict: RFC 3339 allows t and z
	leap := s[17:19] == "60" // too strict: it has no leap seconds
	if leap {
		s = s[:17] + "59" + s[19:]
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, false
	}
	t = t.UTC()
	if leap {
		if t.Hour() != 23 || t.Minute() != 59 {
			return time.Time{}, false
		}
		t = t.Add(time.Second)
	}
	return t, 0 <= t.Year() && t.Year() <= 9999 // too lenient: an offset may lead out of these years
}

// writtenTimestamp is how the time package writes a timestamp as the contract wants it.
const writtenTimestamp = "2006-01-02T15:04:05.999999999Z07:00"

var valueSeeds = []string{
	"", "contact", "919108f7-52d1-4320-9bac-f847db4148a8", "919108F7-52D1-4320-9BAC-F847DB4148A8", "urn:uuid:919108f7-52d1-4320-9bac-f847db4148a8",
	"{919108f7-52d1-4320-9bac-f847db4148a8}", "919108f752d143209bacf847db4148a8", "00000000-0000-0000-0000-000000000000", "919108f7-52d1-7320-9bac-f847db4148a8",
	"919108f7-52d1-4320-cbac-f847db4148a8", "919108f7-52d1-4320-9bac-f847db4148ag", "1990-02-28", "1990-02-30", "2024-02-29", "1900-02-29", "0000-02-29", "9999-12-31", "1990-00-01",
	"1990-01-00", "+990-01-01", "1990-1-01", "2024-01-02T03:04:05Z", "2024-01-02t03:04:05z", "2024-01-02 03:04:05Z", "2024-01-02T3:04:05Z", "2024-01-02T03:04:05,5Z",
	"2024-01-02T03:04:05.123456789123Z", "2024-01-02T03:04:05.Z", "2024-01-02T03:04:05+23:59", "2024-01-02T03:04:05+24:00", "2024-01-02T03:04:05+00:60", "2024-01-02T03:04:05-00:00",
	"1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1991-01-01T05:29:60.9+05:30", "1990-12-31T23:58:60Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59.9-00:01", "0000-01-01T00:00:00+00:01",
	"0000-01-01T00:00:60+00:01", "0000-01-01T00:00:00Z", "2024-01-02T24:00:00Z", "2024-01-02T23:59:61Z", "America/Chicago", "america/chicago", "Factory", "PST", "UTC", "Etc/GMT+5", "Amérique/Chicago",
}

func TestValues(t *testing.T) {
	for _, s := range valueSeeds {
		checkValues(t, s)
		for i := range s { // and its neighbours
			checkValues(t, s[:i])
			checkValues(t, s[:i]+s[i+1:])
			for _, c := range "09-+:.,TtZz \x00f" {
				checkValues(t, s[:i]+string(c)+s[i+1:])
				checkValues(t, s[:i]+string(c)+s[i:])
			}
		}
	}
}

// checkValues holds all value parsers against the others on one text.
func checkValues(t *testing.T, s string) {
	id, err := contact.ParseID(s)
	wantID, ok := refID(s)
	verdict := func(kind string, ok bool, err error, rule contact.Rule, pointer string) {
		if ok != (err == nil) {
			t.Fatalf("%s %q: want %v, got %v", kind, s, ok, err)
		}
		if ok {
			return
		}
		errs := err.(contact.Errors)
		if len(errs) != 1 || errs[0].Rule != rule || errs[0].Pointer != pointer {
			t.Fatalf("%s %q: %v", kind, s, errs)
		}
	}
	verdict("id", ok, err, contact.RuleUUID, "")
	if ok && id != wantID {
		t.Fatalf("id %q is %v, not %v", s, wantID, id)
	}

	date, err := contact.ParseDate(s)
	wantDate, ok := refDate(s)
	verdict("date", ok, err, contact.RuleDate, "")
	if ok && (date != wantDate || date.String() != s) {
		t.Fatalf("date %q is %v, not %v", s, wantDate, date)
	}
	if !ok && date != (contact.Date{}) {
		t.Fatalf("no date %q is %v", s, date)
	}

	at, err := contact.ParseTimestamp(s)
	wantAt, ok := refTimestamp(s)
	verdict("timestamp", ok, err, contact.RuleTimestamp, "")
	if ok && (!at.Equal(wantAt) || at.Location() != time.UTC) {
		t.Fatalf("timestamp %q is %v, not %v", s, wantAt, at)
	}

	err = contact.Options{}.CheckField(contact.FieldTimezone, must(json.Marshal(s)))
	ok = slices.Contains(zones, s)
	verdict("timezone", ok, err, contact.RuleTimezone, "/timezone")
	if !ok {
		if near := err.(contact.Errors)[0].Meta.Suggestion; near != "" && !slices.Contains(zones, near) {
			t.Fatalf("timezone %q: %q is suggested and is none", s, near)
		}
	}

	// A field takes the text exactly if its parser does.
	if !utf8.ValidString(s) {
		return
	}
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	for f, parses := range map[contact.Field]func() error{
		contact.FieldTeamID:     func() error { _, err := contact.ParseID(s); return err },
		contact.FieldBirthdate:  func() error { _, err := contact.ParseDate(s); return err },
		contact.FieldLastSeenAt: func() error { _, err := contact.ParseTimestamp(s); return err },
	} {
		field, parser := contact.Options{}.CheckField(f, text), parses()
		if (field == nil) != (parser == nil) {
			t.Fatalf("%s %q: the field says %v, the parser %v", f, s, field, parser)
		}
		if parser != nil {
			want := slices.Clone(parser.(contact.Errors))
			want[0].Pointer = "/" + f.String()
			if !slices.Equal(want, field.(contact.Errors)) {
				t.Fatalf("%s %q: the field says %v, the parser %v", f, s, field, parser)
			}
			continue
		}
		p, err := contact.ParsePatch([]byte(`{"` + f.String() + `":` + string(text) + `}`))
		if err != nil {
			t.Fatal(err)
		}
		want := s
		switch f {
		case contact.FieldTeamID:
			want = wantID.String()
		case contact.FieldLastSeenAt:
			want = wantAt.Format(writtenTimestamp)
		}
		if got := string(p.AppendJSON(nil)); got != `{"`+f.String()+`":"`+want+`"}` {
			t.Fatalf("%s %q is written %s", f, s, got)
		}
	}
}

var zones = slices.Collect(contact.Timezones())

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
		_, err := none.MarshalText()
		require.Error(t, err, "%+v", none)
	}
	for _, day := range []contact.Date{{Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31}} {
		_, err := day.MarshalText()
		require.NoError(t, err, "%+v", day)
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
