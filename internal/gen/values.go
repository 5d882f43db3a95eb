package gen

import "strings"

// The contact that every body starts from.
var fields = []struct{ name, kind, value string }{
	{"id", "id", `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`},
	{"type", "constant", `"contact"`},
	{"team_id", "id", `"0b9d8c7e-6f5a-4b3c-8d2e-1f0a9b8c7d6e"`},
	{"unique_id", "string", `"crm-20418"`},
	{"name_first", "string", `"María"`},
	{"name_last", "string", `"Okafor"`},
	{"name_title", "string", `"Dr."`},
	{"name_suffix", "string", `"Jr."`},
	{"email", "string", `"maria.okafor@example.org"`},
	{"phone_home", "string", `"+1 312 555 0142"`},
	{"phone_mobile", "string", `"+1 312 555 0188"`},
	{"phone_work", "string", `""`},
	{"address", "string", `"2231 W Roscoe St"`},
	{"address2", "string", `"Apt 4B"`},
	{"city", "string", `"Chicago"`},
	{"state", "string", `"IL"`},
	{"post_code", "string", `"60618"`},
	{"county", "string", `"Cook"`},
	{"country", "string", `"US"`},
	{"birthdate", "date", `"1990-02-28"`},
	{"timezone", "timezone", `"America/Chicago"`},
	{"sms_verified", "boolean", `true`},
	{"sms_opted_in", "boolean", `true`},
	{"sms_authorized", "boolean", `true`},
	{"sms_unsubscribed", "boolean", `false`},
	{"email_verified", "boolean", `true`},
	{"email_opted_in", "boolean", `false`},
	{"email_authorized", "boolean", `true`},
	{"email_unsubscribed", "boolean", `false`},
	{"meta_public", "object", `{"source":"spring-2026","score":12.50,"prefs":{"language":"es","channels":["sms","email"]}}`},
	{"inserted_at", "timestamp", `"2024-03-09T16:20:11.482913Z"`},
	{"updated_at", "timestamp", `"2026-05-17T08:02:45.120004Z"`},
	{"last_seen_at", "timestamp", `"2026-05-16T21:40:03Z"`},
	{"active_journey_ids", "ids", `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","a1b2c3d4-e5f6-4a7b-8c9d-0e1f2a3b4c5d"]`},
	{"completed_objective_keys", "strings", `["welcome","profile_complete"]`},
}

var kinds = []string{"id", "constant", "string", "date", "timezone", "boolean", "object", "timestamp", "ids", "strings", "other"}

// values holds, for each kind, values that are valid and values that are just not.
var values = map[string][]string{
	"id": {
		`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"7C2E1F8A-4B5D-4E6F-BA1B-2C3D4E5F6A7B"`, `"00000000-0000-4000-8000-000000000000"`,
		`"ffffffff-ffff-4fff-bfff-ffffffffffff"`, `""`, `"7c2e1f8a-4b5d-1e6f-9a1b-2c3d4e5f6a7b"`, `"7c2e1f8a-4b5d-7e6f-9a1b-2c3d4e5f6a7b"`,
		`"7c2e1f8a-4b5d-4e6f-7a1b-2c3d4e5f6a7b"`, `"7c2e1f8a-4b5d-4e6f-ca1b-2c3d4e5f6a7b"`, `"7c2e1f8a4b5d4e6f9a1b2c3d4e5f6a7b"`,
		`"{7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b}"`, `"urn:uuid:7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"00000000-0000-0000-0000-000000000000"`,
		`"ffffffff-ffff-ffff-ffff-ffffffffffff"`, `"gc2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7"`,
		`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7bb"`, `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b\n"`, `" 7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
		`"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7\u0062"`, `"7c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7ß"`, `"7c2e1f8a_4b5d_4e6f_9a1b_2c3d4e5f6a7b"`,
		`"7c2e1f8-a4b5d-4e6f-9a1b-2c3d4e5f6a7b"`, `"\u0037c2e1f8a-4b5d-4e6f-\u0042a1b-2c3d4e5f6a7b"`, `"７c2e1f8a-4b5d-4e6f-9a1b-2c3d4e5f6a7b"`,
	},
	"constant": {`"contact"`, `"Contact"`, `"contact "`, `"contac"`, `"contacts"`, `"\u0063ontact"`, `"person"`, `""`, `"c\u043entact"`},
	"string": {
		`""`, `"a"`, `"\u0000"`, `"\u0022\\\/\b\f\n\r\t"`, `"\ud83d\ude00"`, `"😀"`, `"  "`, `"null"`, `"e\u0301"`, `"\u2028<&>"`, `"日本語"`,
		`"` + strings.Repeat("long ", 60) + `"`,
	},
	"date": {
		`"1990-02-28"`, `"2000-02-29"`, `"2024-02-29"`, `"0000-02-29"`, `"0000-01-01"`, `"9999-12-31"`, `""`, `"1990-02-29"`, `"1990-02-30"`,
		`"1900-02-29"`, `"2100-02-29"`, `"1990-13-01"`, `"1990-00-01"`, `"1990-01-00"`, `"1990-01-32"`, `"1990-04-31"`, `"1990-06-31"`, `"1990-09-31"`,
		`"1990-11-31"`, `"1990-12-31"`, `"1990-08-31"`, `"1990-1-01"`, `"1990-01-1"`, `"19900101"`, `"10000-01-01"`, `"-001-01-01"`, `"+990-01-01"`,
		`"1990-01-01T00:00:00Z"`, `"1990-01-01\n"`, `"1990/01/01"`, `"１９９０-01-01"`, `"1990-01-0١"`, `"1990\u002d01-01"`, `"1990-W01-1"`, `"1990-001"`,
	},
	"timezone": {
		`"America/Chicago"`, `"America\/Chicago"`, `"UTC"`, `"EST"`, `"Etc/GMT+5"`, `"GMT+0"`, `"GMT-0"`, `"US/Central"`, `"Asia/Calcutta"`, `"W-SU"`,
		`"America/Argentina/ComodRivadavia"`, `"Zulu"`, `""`, `"america/chicago"`, `"AMERICA/CHICAGO"`, `"+05:00"`, `"-06:00"`, `"UTC+5"`, `"PST"`, `"CST"`,
		`"Local"`, `"posix/America/Chicago"`, `"right/UTC"`, `"Factory"`, `"America/Chicago\n"`, `"America/Chicag"`, `"America/Chicagoo"`, `"America"`,
		`"America/"`, `"Chicago"`, `"../etc/localtime"`, `"Europe/Kiev"`, `"Europe/Kyiv"`, `"\u0045urope/London"`, `"Europe/Londоn"`, `"Etc/GMT+15"`,
		`"America/New York"`, `"` + strings.Repeat("America/", 20) + `"`,
	},
	"boolean": {`true`, `false`, `"true"`, `"false"`, `0`, `1`, `""`},
	"object": {
		`{}`, `{"a":null,"b":[{"c":null}],"d":9007199254740993}`, `{"a":1,"\u0061":2}`, `{"a":{"b":1,"b":2},"a":3}`, `{"":1,"":2}`, `{"a/b":{"c~d":1,"c~d":2}}`,
		`{"a":[{"b":1,"b":2},[{"c":1,"c":{"d":1,"d":2}}]]}`, ` { "a" : [ 1 , 2 ] } `, `{"n":1e400,"m":-0,"o":1E-400,"p":1e1000000000}`, `{"ſ":1,"s":2,"S":3}`,
	},
	"timestamp": {
		`"2024-01-02T03:04:05Z"`, `"2024-01-02t03:04:05z"`, `"2024-01-02T03:04:05.5Z"`, `"2024-01-02T03:04:05.1234567890123Z"`, `"2024-01-02T03:04:05+05:30"`,
		`"2024-01-02T03:04:05-23:59"`, `"2024-01-02T03:04:05+23:59"`, `"2024-01-02T03:04:05-00:00"`, `"0000-01-01T00:00:00Z"`, `"9999-12-31T23:59:59.999999999Z"`,
		`"1990-12-31T23:59:60Z"`, `"1990-12-31T23:59:60.9Z"`, `"1990-12-31T15:59:60.5-08:00"`, `"1991-01-01T00:29:60+00:30"`, `"2000-01-01T23:59:60Z"`,
		`"2000-02-28T23:59:60Z"`, `"2000-01-01T23:58:60-00:01"`, `"2000-01-01T00:00:60+00:01"`, `"2000-01-01T23:58:60-24:01"`, `"2000-01-01T23:59:60+00:01"`,
		`"2000-01-01T22:59:60-25:00"`, `"9999-12-31T23:59:60Z"`, `"0000-01-01T00:00:00+23:59"`, `"0000-01-01T00:00:00+00:01"`, `"9999-12-31T23:59:59-00:01"`,
		`"0000-01-01T00:00:00-00:01"`, `"9999-12-31T23:59:60+00:00"`, `"9999-12-31T22:59:60-01:00"`, `""`, `"2024-01-02"`, `"2024-01-02T3:04:05Z"`,
		`"2024-01-02T03:04:05"`, `"2024-01-02T03:04Z"`, `"2024-01-02 03:04:05Z"`, `"2024-01-02_03:04:05Z"`, `"2024-01-02T03:04:05,5Z"`, `"2024-01-02T03:04:05.Z"`,
		`"2024-01-02T03:04:05+0530"`, `"2024-01-02T03:04:05+05"`, `"2024-01-02T03:04:05+24:00"`, `"2024-01-02T03:04:05+00:60"`, `"2024-01-02T24:00:00Z"`,
		`"2024-01-02T03:60:00Z"`, `"2024-01-02T03:04:61Z"`, `"2024-01-02T03:04:60Z"`, `"1990-12-31T23:59:60+01:00"`, `"2023-02-29T00:00:00Z"`,
		`"2024-13-02T03:04:05Z"`, `"2024-01-02T+3:04:05Z"`, `"2024-01-02T03:04:05Z\n"`, `"12024-01-02T03:04:05Z"`, `"2024-01-02T03:04:05\u005a"`,
		`"2024-01-02T03:04:05.5"`, `"2024-01-02T03:04:05.5+05:30Z"`, `"2024-01-02T03:04:05+-5:30"`, `"2024-01-02T03:04:05−05:30"`, `"2024-01-02T03:04:0٥Z"`,
	},
	"ids": {
		`[]`, `["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3F2A1B0C-9D8E-4F7A-B6C5-D4E3F2A1B0C9"]`, `["x"]`, `[null]`, `[1,"x",null,[],{},true]`,
		`[{"a":1,"a":2},"x",{"a":1,"a":2}]`, `[[["x"]]]`, `[ "3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9" , "" ]`, `["\u0033f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9"]`,
		`["3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","3f2a1b0c-9d8e-4f7a-b6c5-d4e3f2a1b0c9","x"]`,
	},
	"strings": {`[]`, `["","a","a"]`, `[null]`, `["a",1,"b",false]`, `[["a"]]`, `[{"a":[{"b":1,"b":2}]}]`, `["\u0000\n","\ud83d\ude00"]`},
	"other":   {`null`, `-0`, `1e400`, `-1.5E+10`, `9007199254740993`, `[{}]`, `{"a":{"a":{"a":[]}}}`, `1e1000000000`, `[[[[[[]]]]]]`, `{"id":1,"id":2}`},
}

// unknown are names of members that a contact does not have, near misses and pointers around their limit among them.
var unknown = []string{
	"", "a", "ID", "Id", "Name_First", "name-first", "first_name", "namefirst", "name_frist", "ſms_opted_in", "sms_opted_in ", "id\\u0000", "e-mail", "Email",
	"time_zone", "timeZone", "birth_date", "phone", "meta", "a/b", "c~d", "~1", "é", "日本", "😀", "\\ud83d\\ude00", "\\\"", "__proto__", "completed_objective_key",
	strings.Repeat("x", 98), strings.Repeat("x", 99), strings.Repeat("x", 100), strings.Repeat("é", 99), strings.Repeat("😀", 100), strings.Repeat("~", 49),
	strings.Repeat("~", 50), strings.Repeat("/", 49) + "x", strings.Repeat("x", 500), strings.Repeat("\\u0069", 99), strings.Repeat("\\u0069", 24),
}

// metaNames are names of members inside meta_public.
var metaNames = []string{"source", "score", "prefs", "a", "", "a/b", "~", "é", "\\n", strings.Repeat("k", 40), strings.Repeat("é~", 30), strings.Repeat("k", 87), strings.Repeat("k", 88)}

var spaces = []string{"", " ", "\n", "\t\r\n ", ""}

// characters are what an edit puts into a value: those that mean something in one of the formats, and some that look so.
var characters = []string{
	"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "a", "b", "F", "G", "g", "T", "t", "Z", "z", "-", "+", ".", ",", ":", "/", "_", " ", `\n`, `\"`, `\\`,
	`\u0030`, `\u002d`, `\u0000`, "−", "٣", "０", "é", "😀", "W", "P", "{", "}", "[", "]", "null", "e", "E", "\u00a0", "\x7f", "x", `\/`, "",
}
