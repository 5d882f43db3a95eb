module github.com/partner-contacts/contact/tools

go 1.26.0

require golang.org/x/mod v0.41.0
