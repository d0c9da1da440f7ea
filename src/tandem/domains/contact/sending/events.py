"""What customers do with posts in moments, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import TEXT

POST_LIKED: Final = "post.liked"
POST_COMMENTED: Final = "post.commented"

_POST: Final = (
    Field("post", TEXT, Label("朋友圈任务", "Post")),
    Field("post_id", TEXT, Label("朋友圈任务编号", "Post's id")),
    Field("member", TEXT, Label("员工账号", "Adviser's account")),
)

EVENT_TYPES: Final = (
    EventType(POST_LIKED, Label("点赞朋友圈", "Liked a post"), _POST),
    EventType(POST_COMMENTED, Label("评论朋友圈", "Commented on a post"), _POST),
)
