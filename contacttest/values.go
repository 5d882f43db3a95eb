package contacttest

import (
	"slices"
	"strings"

	"github.com/partner-contacts/contact"
)

// forms are JSON texts of one kind of value. The simplest is first.
type forms struct {
	plain   []string                  // valid, as the library writes them
	spelled []string                  // valid, in another spelling
	wrong   map[contact.Rule][]string // with exactly one fault
	tangled []string                  // with several faults
}

// all returns every text of the kind.
func (f forms) all() []string {
	all := append(append(append([]string{}, f.plain...), f.spelled...), f.tangled...)
	for _, rule := range valueRules {
		all = append(all, f.wrong[rule]...)
	}
	return all
}

// valueRules are the rules that a value of some kind can break by itself.
var valueRules = []contact.Rule{
	contact.RuleType, contact.RuleEnum, contact.RuleUUID, contact.RuleDate, contact.RuleTimestamp,
	contact.RuleTimezone, contact.RuleDuplicate,
}

// values has the texts of each kind; see formsOf for those of a field. The texts of all enums
// are under KindConstant.
var values = map[contact.Kind]forms{
	contact.KindID: {
		plain: []string{
			`"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"`, `"919108f7-52d1-4320-9bac-f847db4148a8"`,
			`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"00000000-0000-4000-8000-000000000000"`,
			`"ffffffff-ffff-4fff-bfff-ffffffffffff"`,
		},
		spelled: []string{
			`"7C2E1F8A-4B5D-4E6F-BA1B-2C3D4E5F6A7B"`,
			`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7\u0062"`,
			`"\u0037c2e1f8a-4b5d-4e6f-\u0042a1b-2c3d4e5f6a7b"`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleUUID: {
				`""`, `"7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b"`,
				`"7c2e1f8a-4b5d-7e6f-9a1b-2c3d4e5f6a7b"`,
				`"7c2e1f8a-4b5d-4e6f-7a1b-2c3d4e5f6a7b"`,
				`"7c2e1f8a-4b5d-4e6f-ca1b-2c3d4e5f6a7b"`, `"7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b"`,
				`"{7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b}"`,
				`"urn:uuid:7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
				`"00000000-0000-0000-0000-000000000000"`,
				`"ffffffff-ffff-ffff-ffff-ffffffffffff"`,
				`"gc2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
				`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7"`,
				`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7bb"`,
				`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b\n"`,
				`" 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
				`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7ß"`,
				`"7c2e1f8a_4b5d_4e6f_9a1b_2c3d4e5f6a7b"`,
				`"7c2e1f8-a4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
				`"７c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
			},
			contact.RuleType: {
				`7`, `true`, `[]`, `{}`,
			},
		},
	},
	contact.KindString: {
		plain: []string{
			`""`, `"a"`, `"\u0000"`, `"\u0022\\\/\b\f\n\r\t"`, `"\ud83d\ude00"`, `"😀"`, `"  "`,
			`"null"`, `"e\u0301"`, `"\u2028<&>"`, `"日本語"`, `"A"`, `"é"`, `"\u007f\uffff"`,
			`"long long long long long long long long long long long long "`,
		},
		spelled: []string{
			`"\u0061"`, `"\uD83D\uDE00"`, `"a\/b"`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleType: {
				`7`, `false`, `[""]`, `{}`,
			},
		},
	},
	contact.KindDate: {
		plain: []string{
			`"1990-02-28"`, `"2000-02-29"`, `"2024-02-29"`, `"0000-02-29"`, `"0000-01-01"`,
			`"9999-12-31"`, `"1990-12-31"`, `"1990-08-31"`,
		},
		spelled: []string{
			`"1990\u002d01-01"`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleDate: {
				`""`, `"1990-02-29"`, `"1990-02-30"`, `"1900-02-29"`, `"2100-02-29"`,
				`"1990-13-01"`, `"1990-00-01"`, `"1990-01-00"`, `"1990-01-32"`, `"1990-04-31"`,
				`"1990-06-31"`, `"1990-09-31"`, `"1990-11-31"`, `"1990-1-01"`, `"1990-01-1"`,
				`"19900101"`, `"10000-01-01"`, `"-001-01-01"`, `"+990-01-01"`,
				`"1990-01-01T00:00:00Z"`, `"1990-01-01\n"`, `"1990/01/01"`, `"１９９０-01-01"`,
				`"1990-01-0١"`, `"1990-W01-1"`, `"1990-001"`,
			},
			contact.RuleType: {
				`19900101`, `true`, `["1990-01-01"]`, `{}`,
			},
		},
	},
	contact.KindTimezone: {
		plain: []string{
			`"America/Chicago"`, `"UTC"`, `"EST"`, `"Etc/GMT+5"`, `"GMT+0"`, `"GMT-0"`,
			`"US/Central"`, `"Asia/Calcutta"`, `"W-SU"`, `"America/Argentina/ComodRivadavia"`,
			`"Zulu"`, `"Europe/Kiev"`, `"Europe/Kyiv"`,
		},
		spelled: []string{
			`"America\/Chicago"`, `"\u0045urope/London"`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleTimezone: {
				`""`, `"america/chicago"`, `"AMERICA/CHICAGO"`, `"+05:00"`, `"-06:00"`,
				`"UTC+5"`, `"PST"`, `"CST"`, `"Local"`, `"posix/America/Chicago"`, `"right/UTC"`,
				`"Factory"`, `"America/Chicago\n"`, `"America/Chicag"`, `"America/Chicagoo"`,
				`"America"`, `"America/"`, `"Chicago"`, `"../etc/localtime"`, `"Europe/Londоn"`,
				`"Etc/GMT+15"`, `"America/New York"`,
				`"America/America/America/America/America/America/America/America/America/"`,
			},
			contact.RuleType: {
				`-5`, `true`, `["UTC"]`, `{}`,
			},
		},
	},
	contact.KindBoolean: {
		plain: []string{
			`false`, `true`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleType: {
				`"true"`, `"false"`, `0`, `1`, `""`, `[]`, `{}`,
			},
		},
	},
	contact.KindObject: {
		plain: []string{
			`{}`, `{"a":null,"b":[{"c":null}],"d":9007199254740993}`,
			`{"n":1e400,"m":-0,"o":1E-400,"p":1e1000000000}`, `{"ſ":1,"s":2,"S":3}`,
		},
		spelled: []string{
			` { "a" : [ 1 , 2 ] } `, `{"\u0061":"\/"}`,
		},
		tangled: []string{
			`{"a":{"b":1,"b":2},"a":3}`, `{"a":[{"b":1,"b":2},[{"c":1,"c":{"d":1,"d":2}}]]}`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleDuplicate: {
				`{"a":1,"\u0061":2}`, `{"":1,"":2}`, `{"a/b":{"c~d":1,"c~d":2}}`,
			},
			contact.RuleType: {
				`[]`, `"{}"`, `1`, `true`,
			},
		},
	},
	contact.KindTimestamp: {
		plain: []string{
			`"2024-01-02T03:04:05Z"`, `"2024-01-02T03:04:05.5Z"`, `"0000-01-01T00:00:00Z"`,
			`"9999-12-31T23:59:59.999999999Z"`, `"1969-12-31T23:59:59.000001Z"`,
		},
		spelled: []string{
			`"2024-01-02t03:04:05z"`, `"2024-01-02T03:04:05.1234567890123Z"`,
			`"2024-01-02T03:04:05+05:30"`, `"2024-01-02T03:04:05-23:59"`,
			`"2024-01-02T03:04:05+23:59"`, `"2024-01-02T03:04:05-00:00"`,
			`"1990-12-31T23:59:60Z"`, `"1990-12-31T23:59:60.9Z"`,
			`"1990-12-31T15:59:60.5-08:00"`, `"1991-01-01T00:29:60+00:30"`,
			`"2000-01-01T23:59:60Z"`, `"2000-02-28T23:59:60Z"`, `"2000-01-01T23:58:60-00:01"`,
			`"2000-01-01T00:00:60+00:01"`, `"0000-01-01T00:00:00-00:01"`,
			`"2024-01-02T03:04:05\u005a"`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleTimestamp: {
				`"2000-01-01T23:58:60-24:01"`, `"2000-01-01T23:59:60+00:01"`,
				`"2000-01-01T22:59:60-25:00"`, `""`, `"2024-01-02"`, `"2024-01-02T3:04:05Z"`,
				`"2024-01-02T03:04:05"`, `"2024-01-02T03:04Z"`, `"2024-01-02 03:04:05Z"`,
				`"2024-01-02_03:04:05Z"`, `"2024-01-02T03:04:05,5Z"`, `"2024-01-02T03:04:05.Z"`,
				`"2024-01-02T03:04:05+0530"`, `"2024-01-02T03:04:05+05"`,
				`"2024-01-02T03:04:05+24:00"`, `"2024-01-02T03:04:05+00:60"`,
				`"2024-01-02T24:00:00Z"`, `"2024-01-02T03:60:00Z"`, `"2024-01-02T03:04:61Z"`,
				`"2024-01-02T03:04:60Z"`, `"1990-12-31T23:59:60+01:00"`,
				`"2023-02-29T00:00:00Z"`, `"2024-13-02T03:04:05Z"`, `"2024-01-02T+3:04:05Z"`,
				`"2024-01-02T03:04:05Z\n"`, `"12024-01-02T03:04:05Z"`, `"2024-01-02T03:04:05.5"`,
				`"2024-01-02T03:04:05.5+05:30Z"`, `"2024-01-02T03:04:05+-5:30"`,
				`"2024-01-02T03:04:05−05:30"`, `"2024-01-02T03:04:0٥Z"`,
				`"9999-12-31T23:59:60Z"`, `"0000-01-01T00:00:00+23:59"`,
				`"0000-01-01T00:00:00+00:01"`, `"9999-12-31T23:59:59-00:01"`,
				`"9999-12-31T23:59:60+00:00"`, `"9999-12-31T22:59:60-01:00"`,
			},
			contact.RuleType: {
				`0`, `true`, `["2024-01-02T03:04:05Z"]`, `{}`,
			},
		},
	},
	contact.KindIDs: {
		plain: []string{
			`[]`, `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`,
			`["919108f7-52d1-4320-9bac-f847db4148a8","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","919108f7-52d1-4320-9bac-f847db4148a8"]`,
		},
		spelled: []string{
			`["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3F2A1B0C-9D8E-4F7A-B6C5-D4E3F2A1B0C9"]`,
			`["\u0033f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`,
		},
		tangled: []string{
			`[1,"x",null,[],{},true]`, `[{"a":1,"a":2},"x",{"a":1,"a":2}]`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleUUID: {
				`["x"]`, `[ "3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9" , "" ]`,
				`["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","x"]`,
			},
			contact.RuleType: {
				`[null]`, `[[["x"]]]`, `"3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"`, `0`, `{}`,
			},
		},
	},
	contact.KindStrings: {
		plain: []string{
			`[]`, `["welcome"]`, `["","a","a"]`, `["\u0000\n","\ud83d\ude00"]`,
		},
		spelled: []string{
			` [ "\u0061" ] `,
		},
		tangled: []string{
			`["a",1,"b",false]`, `[{"a":[{"b":1,"b":2}]}]`,
		},
		wrong: map[contact.Rule][]string{
			contact.RuleType: {
				`[null]`, `[["a"]]`, `"a"`, `0`, `{}`,
			},
		},
	},
}

func init() {
	var all []string
	for f := range contact.AllFields.All() {
		all = append(all, f.Values()...)
	}
	values[contact.KindConstant] = enumForms(all)
}

// formsOf returns the texts for a field.
func formsOf(f contact.Field) forms {
	if allowed := f.Values(); allowed != nil {
		return enumForms(allowed)
	}
	return values[f.Kind()]
}

// enumForms returns the texts for an enum that allows these strings.
func enumForms(allowed []string) forms {
	var f forms
	types, near, alike := []string{`7`, `false`}, []string(nil), []string(nil)
	for _, v := range allowed {
		f.plain = append(f.plain, quoted(v))
		f.spelled = append(f.spelled, spelledName(v))
		types = append(types, "["+quoted(v)+"]")
		near = append(near, strings.ToUpper(v[:1])+v[1:], v+" ", v[:len(v)-1], v+"s")
		alike = append(alike, strings.ReplaceAll(v, "o", "о")) // the Cyrillic letter
	}
	var others []string
	for _, v := range slices.Concat(near, []string{"person", ""}, alike) {
		if !slices.Contains(allowed, v) {
			others = append(others, quoted(v))
		}
	}
	f.wrong = map[contact.Rule][]string{contact.RuleEnum: others, contact.RuleType: append(types, `{}`)}
	return f
}

// others are values that are valid for no kind.
var others = []string{
	`null`, `-0`, `1e400`, `-1.5E+10`, `9007199254740993`, `[{}]`, `{"a":{"a":{"a":[]}}}`,
	`1e1000000000`, `[[[[[[]]]]]]`, `{"id":1,"id":2}`,
}

// Sample returns the document of a contact that has all fields, each with the first of its examples
// in the JSON Schema.
func Sample() []byte {
	var b strings.Builder
	for f, value := range sample {
		b.WriteString(`,"` + contact.Field(f).String() + `":` + value)
	}
	return []byte("{" + b.String()[1:] + "}")
}

// unknownNames are texts of names that are not fields. Some resemble fields, and some make pointers of
// about the maximum length.
var unknownNames = []string{
	"a", "", "ID", "Id", "Name_First", "name-first", "first_name", "namefirst", "name_frist",
	"ſms_opted_in", "sms_opted_in ", "id\\u0000", "e-mail", "Email", "time_zone", "timeZone",
	"birth_date", "phone", "meta", "a/b", "c~d", "~1", "é", "日本", "😀", "\\ud83d\\ude00", "\\\"",
	"__proto__", "completed_objective_key", strings.Repeat("x", 98), strings.Repeat("x", 99),
	strings.Repeat("x", 100), strings.Repeat("é", 99), strings.Repeat("😀", 100),
	strings.Repeat("~", 49), strings.Repeat("~", 50), strings.Repeat("/", 49) + "x",
	strings.Repeat("x", 500), strings.Repeat("\\u0069", 99), strings.Repeat("\\u0069", 24),
}

// metaNames are texts of names of members inside meta_public.
var metaNames = []string{
	"a", "b", "c", "source", "score", "prefs", "", "a/b", "x~y", "~1", "é", "😀", "\\n", "\\\"", "id",
	strings.Repeat("k", 40), strings.Repeat("é~", 30), strings.Repeat("k", 87),
	strings.Repeat("k", 88),
}

var numbers = []string{
	"0", "-0", "1", "1.0", "10e-1", "1e2", "1E2", "9007199254740993", "1e400", "0.1e-999",
}

// oldTimezones are names that a store may hold but today's tzdb lacks.
var oldTimezones = []string{"US/Pacific-New", "Mars/Olympus_Mons", "", "+05:00", "Factory"}

var spaces = []string{"", " ", "\n", "\t\r\n ", ""}

// characters are the characters that an edit inserts into a value: those with a meaning in one of the
// formats, and some that look like them.
var characters = []string{
	"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "F", "G", "g", "T", "t", "Z", "z",
	"-", "+", ".", ",", ":", "/", "_", " ", `\n`, `\"`, `\\`, `\u0030`, `\u002d`, `\u0000`, "−", "٣",
	"０", "é", "😀", "W", "P", "{", "}", "[", "]", "null", "e", "E", "\u00a0", "\x7f", "x", `\/`, "",
}

// broken are texts that are not JSON.
var broken = []string{
	"", "nul", "tru", `"`, "01", "1.", "[1,]", "{,}", `{"a"}`, `{"a":1,}`, "'a'", "NaN",
	`"\ud800"`, `"\u12"`, "\"\xff\"", "\"\n\"", "/**/1", "1 2", "}", "[", "-", "1e", ".5",
}
