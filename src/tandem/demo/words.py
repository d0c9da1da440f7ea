"""Chinese words for the demo's real but English and nameless data: categories, places, people."""

from dataclasses import dataclass
from typing import Final

#: The data's product categories: all that are in the cut; a few of the whole year's keep their English name.
CATEGORIES: Final = {
    "BABY FOODS": "婴幼儿辅食", "INFANT FORMULA": "婴幼儿奶粉", "DIAPERS & DISPOSABLES": "纸尿裤", "BABY HBC": "婴童洗护",
    "INFANT CARE PRODUCTS": "婴童用品", "BABYFOOD": "婴幼儿零食", "COUPON/MISC ITEMS": "杂项", "SOFT DRINKS": "碳酸饮料",
    "BEEF": "牛肉", "FLUID MILK PRODUCTS": "牛奶", "CHEESE": "奶酪", "FRZN MEAT/MEAT DINNERS": "速冻肉食", "BAG SNACKS": "袋装零食",
    "BAKED BREAD/BUNS/ROLLS": "面包", "BEERS/ALES": "啤酒", "FROZEN PIZZA": "速冻比萨", "COLD CEREAL": "麦片", "DELI MEATS": "熟食肉",
    "CIGARETTES": "香烟", "CHICKEN": "鸡肉", "LUNCHMEAT": "午餐肉", "PORK": "猪肉", "SOUP": "汤料", "ICE CREAM/MILK/SHERBTS": "冰淇淋",
    "CANDY - PACKAGED": "袋装糖果", "CANNED JUICES": "罐装果汁", "REFRGRATD JUICES/DRNKS": "冷藏果汁", "MEAT - MISC": "其他肉类",
    "COFFEE": "咖啡", "CRACKERS/MISC BKD FD": "饼干", "DOMESTIC WINE": "国产葡萄酒", "WATER - CARBONATED/FLVRD DRINK": "风味水",
    "BATH TISSUES": "卫生纸", "SEAFOOD - FROZEN": "冷冻海鲜", "YOGURT": "酸奶", "LAUNDRY DETERGENTS": "洗衣液",
    "VEGETABLES - SHELF STABLE": "罐头蔬菜", "BAKED SWEET GOODS": "甜点", "CONVENIENT BRKFST/WHLSM SNACKS": "早餐点心", "DOG FOODS": "狗粮",
    "MEAT - SHELF STABLE": "罐头肉", "CHEESES": "干酪", "COOKIES/CONES": "曲奇", "FROZEN MEAT": "冷冻肉", "HISPANIC": "墨西哥风味",
    "SALD DRSNG/SNDWCH SPRD": "沙拉酱", "POTATOES": "土豆", "DINNER MXS:DRY": "方便主食", "SALAD MIX": "沙拉蔬菜", "HAIR CARE PRODUCTS": "洗发护发",
    "FRZN VEGETABLE/VEG DSH": "速冻蔬菜", "CONDIMENTS/SAUCES": "调味酱", "BREAKFAST SAUSAGE/SANDWICHES": "早餐肠", "TOMATOES": "番茄",
    "BACON": "培根", "FD WRAPS/BAGS/TRSH BG": "保鲜袋与垃圾袋", "DINNER SAUSAGE": "香肠", "REFRGRATD DOUGH PRODUCTS": "冷藏面团",
    "TROPICAL FRUIT": "热带水果", "MILK BY-PRODUCTS": "乳制品", "FRUIT - SHELF STABLE": "水果罐头", "FRZN NOVELTIES/WTR ICE": "雪糕冰棒",
    "CAKES": "蛋糕", "EGGS": "鸡蛋", "APPLES": "苹果", "HOUSEHOLD CLEANG NEEDS": "家居清洁", "DRY BN/VEG/POTATO/RICE": "米豆杂粮",
    "ORAL HYGIENE PRODUCTS": "口腔护理", "BERRIES": "莓果", "FUEL": "燃油", "GRAPES": "葡萄", "GREETING CARDS/WRAP/PARTY SPLY": "贺卡礼品",
    "CAT FOOD": "猫粮", "HOT DOGS": "热狗", "PASTA SAUCE": "意面酱", "VEGETABLES - ALL OTHERS": "其他蔬菜", "MAGAZINE": "杂志",
    "CHICKEN/POULTRY": "禽肉", "PNT BTR/JELLY/JAMS": "果酱花生酱", "SALAD BAR": "沙拉吧", "BAKING MIXES": "烘焙预拌粉", "PAPER TOWELS": "厨房纸",
    "BAKING NEEDS": "烘焙用品", "HEAT/SERVE": "加热即食", "CANDY - CHECKLANE": "收银台糖果", "SHORTENING/OIL": "食用油",
    "SPICES & EXTRACTS": "香辛料", "SMOKED MEATS": "烟熏肉", "SUGARS/SWEETNERS": "食糖", "REFRIGERATED": "冷藏食品", "ANALGESICS": "止痛药",
    "ISOTONIC DRINKS": "运动饮料", "FRZN BREAKFAST FOODS": "速冻早餐", "COLD AND FLU": "感冒用药", "PAPER HOUSEWARES": "一次性餐具",
    "SALADS/DIPS": "凉菜蘸酱", "CITRUS": "柑橘", "SEAFOOD - SHELF STABLE": "海鲜罐头", "MAKEUP AND TREATMENT": "彩妆",
    "SEAFOOD-FRESH": "鲜活海鲜", "LIQUOR": "烈酒", "SHAVING CARE PRODUCTS": "剃须用品", "DRY NOODLES/PASTA": "面条", "MARGARINES": "人造黄油",
    "ONIONS": "洋葱", "MISC. DAIRY": "其他乳品", "SOAP - LIQUID & BAR": "香皂洗手液", "FROZEN PIE/DESSERTS": "冷冻甜品", "PREPARED FOOD": "预制菜",
    "FRZN POTATOES": "速冻薯条", "HAND/BODY/FACIAL PRODUCTS": "身体护肤", "VITAMINS": "维生素", "LAUNDRY ADDITIVES": "洗衣助剂",
    "FEMININE HYGIENE": "女性护理", "IMPORTED WINE": "进口葡萄酒", "FLORAL-FRESH CUT": "鲜切花", "TURKEY": "火鸡", "BREAKFAST SWEETS": "早餐甜点",
    "ORGANICS FRUIT & VEGETABLES": "有机果蔬", "VALUE ADDED FRUIT": "果切", "FROZEN BREAD/DOUGH": "冷冻面团", "DISHWASH DETERGENTS": "洗洁精",
    "FACIAL TISS/DNR NAPKIN": "面巾纸", "AIR CARE": "空气清新", "BREAD": "法棍面包", "STATIONERY & SCHOOL SUPPLIES": "文具",
    "BEANS - CANNED GLASS & MW": "豆类罐头", "CAT LITTER": "猫砂", "HOT CEREAL": "燕麦", "DIETARY AID PRODUCTS": "膳食补充", "SNACK NUTS": "坚果",
    "DEODORANTS": "止汗香体", "PICKLE/RELISH/PKLD VEG": "腌菜", "DRY MIX DESSERTS": "甜点预拌粉", "DRY SAUCES/GRAVY": "酱料粉",
    "PROCESSED": "加工食品", "TOYS AND GAMES": "玩具", "PWDR/CRYSTL DRNK MX": "固体饮料", "TEAS": "茶", "WAREHOUSE SNACKS": "量贩零食",
    "PET CARE SUPPLIES": "宠物用品", "BROOMS AND MOPS": "扫把拖把", "CHRISTMAS  SEASONAL": "圣诞用品", "POPCORN": "爆米花",
    "FIRST AID PRODUCTS": "急救用品", "ROLLS": "餐包", "ELECTRICAL SUPPPLIES": "电工用品", "MOLASSES/SYRUP/PANCAKE MIXS": "糖浆与松饼粉",
    "SNKS/CKYS/CRKR/CNDY": "零食糖饼", "KITCHEN GADGETS": "厨房小工具", "PLASTIC HOUSEWARES": "塑料家居", "SPRING/SUMMER SEASONAL": "春夏用品",
    "BATTERIES": "电池", "PIES": "派", "BOOKSTORE": "图书", "FITNESS&DIET": "健身轻食", "CANDLES/ACCESSORIES": "蜡烛", "COCOA MIXES": "可可粉",
    "FROZEN": "冷冻食品", "DRIED FRUIT": "果干", "HARDWARE SUPPLIES": "五金", "COOKIES": "现烤曲奇", "BLEACH": "漂白剂", "FLOUR & MEALS": "面粉",
    "FRZN JCE CONC/DRNKS": "冷冻浓缩汁", "CHIPS&SNACKS": "薯片", "CHARCOAL AND LIGHTER FLUID": "烧烤炭", "COOKWARE & BAKEWARE": "锅具烤具",
    "HOSIERY/SOCKS": "袜子", "PREPARED/PKGD FOODS": "包装熟食", "SINUS AND ALLERGY": "鼻炎与过敏用药", "CEREAL/BREAKFAST": "早餐谷物",
    "OLIVES": "橄榄", "ANTACIDS": "胃药", "HAIR CARE ACCESSORIES": "发饰", "JUICE": "鲜果汁", "LAXATIVES": "通便用药",
    "AUDIO/VIDEO PRODUCTS": "音像制品", "MISC WINE": "其他葡萄酒", "SYRUPS/TOPPINGS": "淋酱", "SNACKS": "零食",
    "EYE AND EAR CARE PRODUCTS": "眼耳护理", "J-HOOKS": "挂钩陈列品", "BATH": "沐浴用品", "COFFEE FILTERS": "咖啡滤纸", "HALLOWEEN": "万圣节用品",
    "MISCELLANEOUS": "其他商品", "SEAFOOD - MISC": "其他海鲜", "STONE FRUIT": "桃李杏", "FAMILY PLANNING": "计生用品", "NEW AGE": "新式饮料",
    "NUTS": "散装坚果", "RICE CAKES": "米饼", "TOBACCO OTHER": "其他烟草", "CANNED MILK": "罐装奶", "INSECTICIDES": "杀虫剂",
    "FLORAL-FLOWERING PLANTS": "开花盆栽", "FROZEN - BOXED(GROCERY)": "盒装冷冻食品", "SWEET GOODS & SNACKS": "甜点零食",
    "VALUE ADDED VEGETABLES": "净菜", "DISPOSIBLE FOILWARE": "锡纸餐具", "IN-STORE PHOTOFINISHING": "店内冲印", "PEPPERS-ALL": "辣椒",
    "AUTOMOTIVE PRODUCTS": "汽车用品", "HERBS": "香草", "NEWSPAPER": "报纸", "WATER": "饮用水", "BUTTER": "黄油",
    "FILM AND CAMERA PRODUCTS": "胶卷相机", "GARDEN CENTER": "园艺", "MELONS": "瓜类", "MUSHROOMS": "菌菇", "SUSHI": "寿司", "CONDIMENTS": "调味品",
    "ETHNIC PERSONAL CARE": "民族护理", "VEGETABLES SALAD": "生食蔬菜", "DELI SPECIALTIES (RETAIL PK)": "熟食小包装", "DOMESTIC GOODS": "家纺",
    "FRZN FRUITS": "冷冻水果", "IRONING AND CHEMICALS": "熨烫用品", "NON-DAIRY BEVERAGES": "植物奶", "PEARS": "梨", "APPAREL": "服饰",
    "CARROTS": "胡萝卜", "SANDWICHES": "三明治", "SUNTAN": "防晒", "BAKING": "现烤面点", "FLORAL-FOLIAGE PLANTS": "观叶盆栽",
    "SERVICE BEVERAGE": "现制饮料", "COUPONS/STORE & MFG": "优惠券", "EASTER": "复活节用品", "LAWN AND GARDEN SHOP": "草坪园艺", "ROSES": "玫瑰",
    "FLORAL- HARD GOODS": "花器", "CIGARS": "雪茄", "FROZEN CHICKEN": "冷冻鸡肉", "FRZN ICE": "冰块",
    "HOME FREEZING & CANNING SUPPLY": "保鲜罐装用品", "PARTY TRAYS": "聚会拼盘", "SEASONAL": "应季商品", "SPORTS MEMORABLILIA": "体育纪念品",
    "SQUASH": "南瓜", "BROCCOLI/CAULIFLOWER": "西兰花与花菜", "FALL AND WINTER SEASONAL": "秋冬用品", "FLORAL BALLOONS": "气球",
    "FOOT CARE PRODUCTS": "足部护理", "PACKAGED NATURAL SNACKS": "天然零食", "CORN": "玉米", "COSMETIC ACCESSORIES": "美妆工具",
    "GLASSWARE & DINNERWARE": "餐具玻璃器皿", "NON EDIBLE PRODUCTS": "非食用品", "PREPAID WIRELESS&ACCESSORIES": "手机充值与配件",
    "BIRD SEED": "鸟食", "COFFEE SHOP": "咖啡吧", "EXOTIC GAME/FOWL": "野味禽肉", "FIREWORKS": "烟花", "FRAGRANCES": "香水",
    "HOME FURNISHINGS": "家居摆设", "PORTABLE ELECTRIC APPLIANCES": "小家电", "BAKERY PARTY TRAYS": "糕点拼盘", "BEVERAGE": "饮料",
    "DELI SUPPLIES": "熟食用品", "DOLLAR VALUE PRODUCTS": "一元商品", "DRY TEA/COFFEE/COCO MIX": "冲饮粉", "GLASSES/VISION AIDS": "眼镜",
    "SEWING": "针线", "SHOE CARE": "鞋护理", "SMOKING CESSATIONS": "戒烟用品", "BOTTLE DEPOSITS": "瓶子押金", "BOUQUET (NON ROSE)": "花束",
    "BULK FOODS": "散装食品", "COFFEE SHOP SWEET GOODS&RETAIL": "咖啡吧甜点", "CONTINUITIES": "换购商品", "COUPON": "券",
    "FLORAL-ACCESSORIES": "花艺配件", "FRZN SEAFOOD": "速冻海鲜", "LAMB": "羊肉", "MISCELLANEOUS HBC": "其他洗护", "NATURAL HBC": "天然洗护",
    "NATURAL VITAMINS": "天然维生素", "OVERNIGHT PHOTOFINISHING": "隔夜冲印", "PERSONAL CARE APPLIANCES": "个护电器", "PHARMACY": "药房",
    "PROPANE": "燃气罐", "QUICK SERVICE": "快餐", "RW FRESH PROCESSED MEAT": "称重加工肉", "TICKETS": "票券",
}  # fmt: skip
BABY_FOOD: Final = (CATEGORIES["BABY FOODS"], CATEGORIES["INFANT FORMULA"])

DEPARTMENTS: Final = {
    "GROCERY": "食品杂货", "DRUG GM": "日化百货", "PRODUCE": "果蔬", "COSMETICS": "美妆", "NUTRITION": "营养健康", "MEAT": "鲜肉",
    "MEAT-PCKGD": "包装肉", "DELI": "熟食", "PASTRY": "烘焙", "FLORAL": "花艺", "MISCELLANEOUS": "其他", "SEAFOOD-PCKGD": "包装海鲜",
    "SPIRITS": "酒水", "SEAFOOD": "海鲜", "SALAD BAR": "沙拉吧", "FROZEN GROCERY": "冷冻食品", "FUEL": "燃油",
}  # fmt: skip

#: Region -> cities.
REGIONS: Final = {
    "华东大区": ("上海", "杭州", "南京", "苏州", "宁波"),
    "华南大区": ("广州", "深圳", "厦门", "佛山"),
    "华北大区": ("北京", "天津", "济南", "青岛"),
    "西南大区": ("成都", "重庆", "昆明"),
}
STREETS: Final = (
    "人民路", "中山路", "解放路", "建设路", "和平路", "新华路", "文化路", "滨江路", "湖滨路", "学府路", "长江路", "黄河路", "花园路", "青年路",
    "胜利路", "光明路", "朝阳路", "东风路", "友谊路", "翠竹路", "桂花路", "梧桐路", "银杏路", "海棠路", "莲花路", "樱花路", "云山路", "星河路",
    "万象城", "龙湖天街",
)  # fmt: skip

SURNAMES: Final = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓韩冯曹彭曾萧田董潘袁蔡蒋余")
GIVEN_FEMALE: Final = (
    "婷", "静", "丽", "敏", "雪", "慧", "欣怡", "雨桐", "思琪", "佳怡", "晓燕", "梦洁", "海燕", "诗涵", "美玲", "春梅", "若曦", "子涵", "雅婷", "玉兰",
)  # fmt: skip
GIVEN_MALE: Final = (
    "伟", "强", "磊", "军", "洋", "勇", "浩然", "子轩", "宇航", "志强", "建国", "文博", "俊杰", "天佑", "海涛", "明辉", "立新", "嘉豪", "家乐", "国栋",
)  # fmt: skip
PHONE_PREFIXES: Final = ("135", "136", "137", "138", "139", "150", "151", "158", "159", "186", "188")


@dataclass(frozen=True, slots=True)
class Login:
    """A demo person's way in. `unit`: the organisation unit's kind their role is held for, None for the whole tenant."""

    name: str
    password: str
    zh: str
    en: str
    role: str
    person: str
    unit: str | None = None


PASSWORD: Final = "tandem-demo"  # noqa: S105 -- printed at every start: the demo's people are for everybody
LOGINS: Final = (
    Login("marketing", PASSWORD, "营销专员", "marketing assistant", "marketing_assistant", "林晓彤"),
    Login("store", PASSWORD, "店长", "store manager", "store_manager", "赵国强", "store"),
    Login("region", PASSWORD, "区域经理", "region manager", "region_manager", "周敏", "region"),
    Login("finance", PASSWORD, "财务", "finance", "finance", "钱慧"),
    Login(
        "compliance",
        PASSWORD,
        "合规专员，审批删除与明文导出",
        "compliance officer, approves erasures and plain exports",
        "compliance",
        "吴静",
    ),
    Login("admin", PASSWORD, "管理员", "administrator", "admin", "孙立新"),
)


def till_number(store: str, place: int) -> str:
    """The staff number of a store's adviser as its till writes it; place 0 is the manager's."""
    return f"{store.removeprefix('S')}{place:02d}"
