package contact

import (
	"iter"

	"github.com/partner-contacts/contact/internal/tzdb"
)

// TZDBVersion is the version of the IANA time zone database whose names the library knows.
const TZDBVersion = tzdb.Version

// Timezones yields the timezones that a contact may have, sorted by their bytes: the names of the
// Zones and Links of the IANA time zone database, without Factory, which means that none was set.
// UTC, EST and Etc/GMT+5 are among them; offsets such as +05:00 and abbreviations such as PST are
// not.
func Timezones() iter.Seq[string] { return tzdb.All() }
