package mapping

import "strings"

// descriptorValue returns the value of a key in Oracle's and MySQL's form of
// parentheses: (HOST=db)(PORT=1521), (host=db,port=3306); "" if there is none.
func descriptorValue(c, key string) string {
	for rest := c; ; {
		i := strings.IndexAny(rest, "(,")
		if i < 0 {
			return ""
		}
		rest = strings.TrimLeft(rest[i+1:], " ")
		if len(rest) <= len(key) || !strings.EqualFold(rest[:len(key)], key) {
			continue
		}
		value, ok := strings.CutPrefix(strings.TrimLeft(rest[len(key):], " "), "=")
		if !ok {
			continue
		}
		if end := strings.IndexAny(value, "),("); end >= 0 {
			value = value[:end]
		}
		return strings.TrimSpace(value)
	}
}

// descriptorPlace returns what a connection string in parentheses says of the place:
// host:port/service; "" if it is none.
func descriptorPlace(c string) string {
	place := descriptorValue(c, "host")
	if place == "" {
		return ""
	}
	if port := descriptorValue(c, "port"); port != "" {
		place += ":" + port
	}
	if name := descriptorName(c); name != "" {
		place += "/" + name
	}
	return place
}

func descriptorName(c string) string {
	if name := descriptorValue(c, "service_name"); name != "" {
		return name
	}
	return descriptorValue(c, "sid")
}

// placeOnly returns a URL without the settings that some drivers have in its
// authority or its path: (host=db)(password=x), /shop:user=u, /DATABASE=shop.
func placeOnly(u urlParts) urlParts {
	if strings.ContainsAny(u.authority, "=(") {
		u.authority, _, _ = strings.Cut(descriptorPlace(u.authority), "/")
	}
	if i := strings.IndexByte(u.path, '='); i >= 0 {
		u.path = u.path[:max(strings.LastIndexAny(u.path[:i], ":;,("), 0)]
	}
	return u
}

// connectionName returns the database that a connection string names; "" if it names
// none, as that of a file.
func connectionName(c string) string {
	if name := descriptorName(c); name != "" {
		return name
	}
	place, u := connectionPlace(c)
	switch {
	case strings.HasSuffix(u.scheme, "sqlserver"): // its path is an instance
		return parametersName(c)
	case u.scheme != "" && u.authority != "", strings.HasPrefix(u.scheme, "postgres"), strings.HasPrefix(u.scheme, "mysql"):
		name, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(placeOnly(u).path, "/~"), "/"), ":")
		if name != "" {
			return name
		}
		return parametersName(c[strings.Index(c, "://")+len("://"):])
	case u.scheme != "":
		return parametersName(c)
	case strings.Contains(place, "="):
		return settingsName(c)
	case strings.IndexByte(place, '@') < 0 && !strings.HasPrefix(place, "//"):
		return ""
	}
	place = place[strings.LastIndexByte(place, '@')+1:]
	if _, behind, ok := strings.Cut(place, ")"); ok {
		return strings.Trim(behind, "/")
	}
	if i := strings.IndexByte(strings.TrimPrefix(place, "//"), '/'); i >= 0 {
		return strings.Trim(strings.TrimPrefix(place, "//")[i:], "/")
	}
	if strings.Count(place, ":") == 2 { // host:port:sid
		return place[strings.LastIndexByte(place, ':')+1:]
	}
	return ""
}

// plainPlace returns a name of a connection string, "" if there are settings in it.
func plainPlace(name string) string {
	if strings.ContainsAny(name, "=()@;") {
		return ""
	}
	return name
}

// settingKey returns the key of a setting. PHP's first one has the driver before it, as
// in pgsql:host.
func settingKey(key string) string {
	return strings.Trim(key[strings.IndexByte(key, ':')+1:], " ;\t\n\r")
}

// settingsName returns the database of "key=value;key=value".
func settingsName(c string) string {
	separator := settingsSeparator(c)
	for c != "" {
		var key, value string
		key, c, _ = strings.Cut(c, "=")
		value, c = cutSetting(c, separator)
		key = settingKey(key)
		if namesDatabase(key) {
			return value
		}
		if before, name, ok := strings.Cut(value, "/"); ok && strings.IndexByte(before, ':') > 0 && namesPlace(key) { // host:port/service
			return name
		}
	}
	return ""
}

// parametersName returns the database that the parameters of a URL name.
func parametersName(parameters string) string {
	for parameters != "" {
		end := strings.IndexAny(parameters, ";?&,/#")
		if end < 0 {
			end = len(parameters)
		}
		if key, value, _ := strings.Cut(parameters[:end], "="); namesDatabase(key) {
			return value
		}
		parameters = parameters[min(end+1, len(parameters)):]
	}
	return ""
}

func namesDatabase(key string) bool {
	switch strings.ToLower(key) {
	case "database", "databasename", "dbname", "initial catalog":
		return true
	}
	return false
}
