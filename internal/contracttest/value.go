package contracttest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/partner-contacts/contact"
)

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

// timestampForm is the form of RFC 3339 §5.6, which the time package does not check: it also reads hours of one
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

// ValueSeeds are texts near the bounds of valid values.
var ValueSeeds = []string{
	"", "contact", "919108f7-52d1-4320-9bac-f847db4148a8", "919108F7-52D1-4320-9BAC-F847DB4148A8", "urn:uuid:919108f7-52d1-4320-9bac-f847db4148a8",
	"{919108f7-52d1-4320-9bac-f847db4148a8}", "919108f752d143209bacf847db4148a8", "00000000-0000-0000-0000-000000000000", "919108f7-52d1-7320-9bac-f847db4148a8",
	"919108f7-52d1-4320-cbac-f847db4148a8", "919108f7-52d1-4320-9bac-f847db4148ag", "1990-02-28", "1990-02-30", "2024-02-29", "1900-02-29", "0000-02-29", "9999-12-31", "1990-00-01",
	"1990-01-00", "+990-01-01", "1990-1-01", "2024-01-02T03:04:05Z", "2024-01-02t03:04:05z", "2024-01-02 03:04:05Z", "2024-01-02T3:04:05Z", "2024-01-02T03:04:05,5Z",
	"2024-01-02T03:04:05.123456789123Z", "2024-01-02T03:04:05.Z", "2024-01-02T03:04:05+23:59", "2024-01-02T03:04:05+24:00", "2024-01-02T03:04:05+00:60", "2024-01-02T03:04:05-00:00",
	"1990-12-31T23:59:60Z", "1990-12-31T15:59:60-08:00", "1991-01-01T05:29:60.9+05:30", "1990-12-31T23:58:60Z", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59.9-00:01", "0000-01-01T00:00:00+00:01",
	"0000-01-01T00:00:60+00:01", "0000-01-01T00:00:00Z", "2024-01-02T24:00:00Z", "2024-01-02T23:59:61Z", "America/Chicago", "america/chicago", "Factory", "PST", "UTC", "Etc/GMT+5", "Amérique/Chicago",
}

// CheckValues holds all value parsers against the others on one text.
func CheckValues(t *testing.T, s string) {
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
