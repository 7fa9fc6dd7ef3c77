select position
from event_tag
where tag = ?1
    and position > ?2 -- after
    and position <= ?3 -- up to
order by position
